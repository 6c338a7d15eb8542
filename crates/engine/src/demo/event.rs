//! What the generator hands out: one event at a time, borrowed from its buffers.

/// Declares a closed set of names: the variants, their texts, and all of them in order.
macro_rules! names {
    ($(#[$doc:meta])* $name:ident { $($variant:ident = $text:literal,)* }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum $name {
            $(#[doc = concat!("`", $text, "`")] $variant,)*
        }

        impl $name {
            /// All of them; the position of each is its number `as usize`.
            pub const ALL: &[Self] = &[$(Self::$variant,)*];

            /// As written in the data.
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$variant => $text,)*
                }
            }
        }
    };
}

names! {
    /// Event names of the demo company.
    Name {
        AdImpression = "ad_impression",
        AdClick = "ad_click",
        ReferralClick = "referral_click",
        Visit = "visit",
        PageView = "page_view",
        AppOpen = "app_open",
        Search = "search",
        ViewItem = "view_item",
        ReadReview = "read_review",
        Compare = "compare",
        AddToCart = "add_to_cart",
        BeginCheckout = "begin_checkout",
        ViewShippingCost = "view_shipping_cost",
        CheckoutError = "checkout_error",
        AddPayment = "add_payment",
        Purchase = "purchase",
        StoreVisit = "store_visit",
        StorePurchase = "store_purchase",
        Signup = "signup",
        Login = "login",
        Identify = "identify",
        EmailSent = "email_sent",
        EmailOpened = "email_opened",
        EmailClicked = "email_clicked",
        EmailUnsubscribed = "email_unsubscribed",
        PushSent = "push_sent",
        PushOpened = "push_opened",
        DeliveryShipped = "delivery_shipped",
        Delivered = "delivered",
        Refund = "refund",
        SupportContact = "support_contact",
        SurveyAnswered = "survey_answered",
        ReviewPosted = "review_posted",
        SnsShare = "sns_share",
        ReferralSent = "referral_sent",
        ReferralJoined = "referral_joined",
        PointsEarned = "points_earned",
        PointsUsed = "points_used",
        TierUp = "tier_up",
    }
}

names! {
    /// Channels of the demo company.
    Channel {
        SearchAd = "search_ad",
        SocialAd = "social_ad",
        Referral = "referral",
        Web = "web",
        App = "app",
        Email = "email",
        Store = "store",
        Call = "call",
        Chat = "chat",
        Review = "review",
        Survey = "survey",
    }
}

names! {
    /// Property keys of the demo company. Each comes with one kind of value only, see [`Property::kind`].
    Property {
        Campaign = "campaign",
        Keyword = "keyword",
        Browser = "browser",
        Device = "device",
        UserAgent = "user_agent",
        IsNew = "is_new",
        Page = "page",
        Seconds = "seconds",
        Query = "query",
        Product = "product",
        Category = "category",
        Price = "price",
        NItems = "n_items",
        PageMs = "page_ms",
        Region = "region",
        CartValue = "cart_value",
        OrderNo = "order_no",
        Nth = "nth",
        Fee = "fee",
        Error = "error",
        Attempt = "attempt",
        Coupon = "coupon",
        Method = "method",
        Store = "store",
        Courier = "courier",
        Days = "days",
        Topic = "topic",
        Resolved = "resolved",
        WaitMin = "wait_min",
        Text = "text",
        Kind = "kind",
        Moment = "moment",
        Score = "score",
        Comment = "comment",
        Rating = "rating",
        Code = "code",
        Points = "points",
        Machine = "machine",
        LateDays = "late_days",
        AgeBand = "age_band",
        Gender = "gender",
        Membership = "membership",
        SignupChannel = "signup_channel",
        MarketingConsent = "marketing_consent",
        HasApp = "has_app",
    }
}

impl Property {
    /// The one kind of its values.
    pub const fn kind(self) -> model::event::ValueKind {
        use model::event::ValueKind::{Bool, Number, Text};
        match self {
            Self::IsNew | Self::Resolved | Self::Machine | Self::MarketingConsent | Self::HasApp => Bool,
            Self::Seconds
            | Self::Price
            | Self::NItems
            | Self::PageMs
            | Self::CartValue
            | Self::OrderNo
            | Self::Nth
            | Self::Fee
            | Self::Attempt
            | Self::Days
            | Self::WaitMin
            | Self::Score
            | Self::Rating
            | Self::Points
            | Self::LateDays => Number,
            _ => Text,
        }
    }
}

/// A property's value.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum DemoValue<'a> {
    /// Text.
    Text(&'a str),
    /// A finite number.
    Number(f64),
    /// true or false.
    Bool(bool),
}

/// One event, as an SDK or a till would have sent it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct DemoEvent<'a> {
    /// Member number, where the person was known.
    pub user_id: Option<&'a str>,
    /// Browser, app or card; at least one of the two identifiers is there.
    pub anonymous_id: Option<&'a str>,
    /// When it happened, microseconds since the epoch, UTC.
    pub time_us: i64,
    /// Message id: the same event sent twice has the same one.
    pub id: u64,
    /// Its name.
    pub event: Name,
    /// Its channel.
    pub channel: Option<Channel>,
    /// Hundredths of a won; negative for a refund.
    pub amount: Option<i64>,
    /// Its properties, each key at most once.
    pub properties: &'a [(Property, DemoValue<'a>)],
}
