//! Which channel, campaign or touchpoint deserves how much of a conversion.

use super::Scope;
use crate::{rule::EventRule, time::Duration};
use serde::{Deserialize, Serialize};

/// Attribution: every conversion in the period is divided among the touches before it, by several models at once.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AskAttribution {
    /// What is attributed; every one counts, with its amount.
    pub conversion: EventRule,
    /// What it is attributed to: events that match any of these, strictly before the conversion.
    pub touches: Vec<EventRule>,
    /// What touches are told apart by.
    #[serde(default)]
    pub by: TouchLabel,
    /// Models to compare, 16 at most; `last` when empty.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub models: Vec<AttributionModel>,
    /// Oldest touch that counts, closed; 30 days when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lookback: Option<Duration>,
    /// Touch and conversion have to lie in one session, whose events are at most this far apart; absent: one person.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub session_gap: Option<Duration>,
    /// Each path starts anew after a conversion; otherwise a touch may lead to several.
    #[serde(default)]
    pub fresh: bool,
    /// Labels that are direct, for `last_non_direct`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub direct: Vec<String>,
    /// Cost series by channel or campaign, for cost per conversion and return.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cost: Option<String>,
    /// Resamples for intervals, 1,000 at most; 0: none, 200 when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub replicates: Option<usize>,
    /// Most frequent converting paths to show, 100 at most; 20 when absent. They are known if a Markov model is asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub n_paths: Option<usize>,
    /// Who and when; conversions must fall in the period.
    #[serde(default)]
    pub scope: Scope,
}

/// What touches are told apart by.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum TouchLabel {
    /// The channel.
    #[default]
    Channel,
    /// The event name.
    Event,
    /// A property of the event, such as `campaign`.
    Property(String),
}

/// How a conversion is divided among the touches of its path.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(tag = "model", rename_all = "snake_case", deny_unknown_fields)]
pub enum AttributionModel {
    /// All to the first touch.
    First,
    /// All to the last touch.
    Last,
    /// All to the last touch that is not direct.
    LastNonDirect,
    /// Equally to each touch.
    Linear,
    /// 40 / 20 / 40: first and last.
    U,
    /// 20 / 20 / 60: mostly the last.
    J,
    /// 60 / 20 / 20: mostly the first.
    InverseJ,
    /// Own weights of the first touch, all between together, and the last; in any unit.
    Position {
        /// Of the first.
        first: u32,
        /// Of all between.
        middle: u32,
        /// Of the last.
        last: u32,
    },
    /// Halved with every half-life before the conversion.
    TimeDecay {
        /// 7 days when absent.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        half_life: Option<Duration>,
    },
    /// All to each distinct label: the sum exceeds the conversions.
    Participation,
    /// By removal effect in a Markov chain.
    Markov {
        /// Touches that make a state, 1 to 3; 1 when absent.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        order: Option<u8>,
    },
    /// The Shapley value of the labels.
    Shapley,
}

/// Which channel follows which, where journeys across channels break, and which channel works at which stage.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AskHandovers {
    /// Longest time between two events of a session, closed; 30 minutes when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gap: Option<Duration>,
    /// A session with such an event did not break, and a channel works if it follows; absent: every end is a break.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub goal: Option<EventRule>,
    /// Journey whose stages the channels are measured at.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub journey: Option<crate::Key>,
    /// Time from the touch within which the goal has to follow, closed; 30 days when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub within: Option<Duration>,
    /// Who and when.
    #[serde(default)]
    pub scope: Scope,
}

/// A number of an answer on hand-overs.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum HandoverPoint {
    /// Who left one channel for another.
    Handover {
        /// Channel left.
        from: String,
        /// Channel taken up.
        to: String,
    },
    /// Who stayed in a channel.
    Stay {
        /// The channel.
        channel: String,
        /// How the stay ended; absent: all of them.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        end: Option<StayEnd>,
    },
    /// Who touched a stage.
    Effect {
        /// The stage.
        stage: crate::Key,
        /// Through this channel, empty for none; absent: the whole stage.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        channel: Option<String>,
        /// Only those who then converted in time.
        #[serde(default)]
        converted: bool,
    },
}

/// How a stay in a channel ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum StayEnd {
    /// Followed by another channel.
    HandedOver,
    /// The session reached the goal.
    Finished,
    /// It did not.
    Broken,
    /// Perhaps not over yet.
    Open,
}

/// Which items or events the same people have: support, confidence, lift.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AskCrossSell {
    /// Events that count as an item, any of them.
    pub items: Vec<EventRule>,
    /// What items are told apart by.
    #[serde(default = "by_event")]
    pub by: TouchLabel,
    /// Longest time between the two, closed; absent: any time within the period.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub within: Option<Duration>,
    /// The second has to come later.
    #[serde(default)]
    pub ordered: bool,
    /// Fewest people of a pair; 5 when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub least: Option<u64>,
    /// Rows of the answer; 100 when absent, 1,000 at most.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<usize>,
    /// Who and when.
    #[serde(default)]
    pub scope: Scope,
}

fn by_event() -> TouchLabel {
    TouchLabel::Event
}

/// Which events go together with converting.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AskDrivers {
    /// The conversion.
    pub conversion: EventRule,
    /// By what people enter; absent: their first event in the period.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub start: Option<EventRule>,
    /// From the entry to the conversion, closed; 30 days when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub within: Option<Duration>,
    /// How often an event has to occur; 1 when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at_least: Option<u32>,
    /// Rows each way; 10 when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<usize>,
    /// Who and when; people enter in the period.
    #[serde(default)]
    pub scope: Scope,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ask::Ask;

    #[test]
    fn questions_read_and_write() {
        let text = r#"{"ask":"attribution","conversion":{"event":"purchase"},"touches":[{"event":["visit","email_click"]}],
            "by":{"property":"campaign"},"models":[{"model":"last"},{"model":"time_decay","half_life":"3d"},{"model":"markov","order":2}],
            "lookback":"30d","cost":"ad_spend"}"#;
        let ask: Ask = crate::read_json(text, None).unwrap();
        let Ask::Attribution(attribution) = &ask else { panic!("attribution was asked for") };
        assert_eq!(attribution.by, TouchLabel::Property("campaign".to_owned()));
        assert_eq!(attribution.models[2], AttributionModel::Markov { order: Some(2) });
        assert!(!attribution.fresh);
        assert_eq!(crate::read_json::<Ask>(&serde_json::to_string(&ask).unwrap(), None).unwrap(), ask);
        for text in [
            r#"{"ask":"handovers","gap":"30m","goal":{"event":"purchase"},"journey":"gift"}"#,
            r#"{"ask":"cross_sell","items":[{"event":"purchase"}],"by":{"property":"category"},"within":"30d","ordered":true}"#,
            r#"{"ask":"drivers","conversion":{"event":"purchase"},"at_least":2}"#,
        ] {
            let ask: Ask = crate::read_json(text, None).unwrap();
            assert_eq!(crate::read_json::<Ask>(&serde_json::to_string(&ask).unwrap(), None).unwrap(), ask);
        }
    }

    #[test]
    fn unknown_fields_are_refused() {
        for text in [
            r#"{"ask":"attribution","conversion":{"event":"a"},"touches":[],"lookbak":"1d"}"#,
            r#"{"ask":"attribution","conversion":{"event":"a"},"touches":[],"models":[{"model":"lastt"}]}"#,
            r#"{"ask":"drivers"}"#,
        ] {
            assert!(crate::read_json::<Ask>(text, None).is_err(), "{text}");
        }
    }
}
