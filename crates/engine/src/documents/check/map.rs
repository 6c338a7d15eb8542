//! Checks of maps.

use super::{Check, first_twice};
use model::map::Map;
use model::{Kind, limits};

impl Check<'_> {
    pub(super) fn map(&mut self, map: &Map) {
        self.refers(Kind::Journey, &map.journey, "journey");
        for (kind, keys, path) in
            [(Kind::Persona, &map.personas, "personas"), (Kind::Segment, &map.segments, "segments")]
        {
            keys.iter().for_each(|key| self.refers(kind, key, path));
        }
        if let Some(key) = first_twice(map.lanes.iter().map(|lane| &lane.key)) {
            self.add(
                "map.key_twice",
                (
                    &format!("레인 키 `{key}`이(가) 두 번 있습니다."),
                    &format!("the lane key `{key}` stands twice."),
                ),
                ("키를 하나씩 다르게 쓰세요.", "Give each its own key."),
                "lanes",
            );
        }
        let cards = || map.lanes.iter().flat_map(|lane| &lane.cards);
        if cards().count() > limits::CARDS_MAX {
            self.add(
                "map.card_count",
                ("카드가 너무 많습니다.", "it has too many cards."),
                (
                    &format!("{}개까지 쓸 수 있습니다.", limits::CARDS_MAX),
                    &format!("{} are possible.", limits::CARDS_MAX),
                ),
                "lanes",
            );
        }
        if let Some(id) = first_twice(cards().map(|card| &card.id)) {
            self.add(
                "map.card_twice",
                (
                    &format!("카드 id `{id}`이(가) 두 번 있습니다."),
                    &format!("the card id `{id}` stands twice."),
                ),
                ("id를 하나씩 다르게 쓰세요.", "Give each its own id."),
                "lanes",
            );
        }
        self.map_stages(map);
    }

    fn map_stages(&mut self, map: &Map) {
        let known = self.known;
        let Some(journey) = known.journeys.get(&map.journey) else { return };
        let cards = map.lanes.iter().flat_map(|lane| lane.cards.iter().map(move |card| (lane, card)));
        let of_cards =
            cards.clone().map(|(lane, card)| (&card.stage, format!("lanes.{}.{}", lane.key, card.id)));
        let assumed = map.assumed_emotion.keys().map(|key| (key, "assumed_emotion".to_owned()));
        for (stage, path) in of_cards.chain(assumed) {
            if journey.stage_index(stage).is_none() {
                self.add(
                    "map.unknown_stage",
                    (
                        &format!("여정 `{}`에 단계 `{stage}`이(가) 없습니다.", journey.key),
                        &format!("journey `{}` has no stage `{stage}`.", journey.key),
                    ),
                    ("여정의 단계 키를 쓰세요.", "Use a stage key of the journey."),
                    &path,
                );
            }
        }
        if map.assumed_emotion.values().any(|value| !(-2.0..=2.0).contains(value)) {
            self.add(
                "map.emotion_range",
                ("가정한 감정은 −2에서 +2까지입니다.", "assumed emotion lies between −2 and +2."),
                ("값을 고치세요.", "Correct the value."),
                "assumed_emotion",
            );
        }
        for (lane, card) in cards {
            let n_chars = [model::Lang::Ko, model::Lang::En].map(|lang| card.text.get(lang).chars().count());
            if n_chars.into_iter().max() > Some(limits::CARD_CHARS_MAX) {
                self.add(
                    "map.card_long",
                    (
                        &format!("카드 `{}`의 글이 너무 깁니다.", card.id),
                        &format!("the text of card `{}` is too long.", card.id),
                    ),
                    (
                        &format!("{}자까지 쓸 수 있습니다.", limits::CARD_CHARS_MAX),
                        &format!("{} characters are possible.", limits::CARD_CHARS_MAX),
                    ),
                    &format!("lanes.{}.{}", lane.key, card.id),
                );
            }
        }
    }
}
