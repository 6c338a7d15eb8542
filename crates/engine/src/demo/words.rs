//! What customers write: comments, reviews and tickets that fit what happened to them.

use model::Rng;

/// What went wrong with an order, if anything.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trouble {
    /// Nothing.
    None,
    /// The checkout was slow.
    Slow,
    /// The shipping cost came as a surprise.
    Shipping,
    /// A coupon was refused.
    Coupon,
    /// The parcel was late.
    Late,
}

impl Trouble {
    /// This trouble, or `other` if there was none.
    pub fn or(self, other: Self) -> Self {
        if self == Self::None { other } else { self }
    }
}

type Lines = &'static [(&'static str, &'static str)];

const GOOD: Lines = &[
    ("포장이 정성스러워서 선물하기 좋았어요.", "Beautiful packaging, perfect as a gift."),
    ("생각보다 빨리 왔고 품질도 좋습니다.", "Came sooner than I thought, and the quality is good."),
    ("친구가 정말 좋아했어요. 또 살게요.", "My friend loved it. I will buy here again."),
    ("가격 대비 만족합니다.", "Good value for the price."),
    ("부모님께 드렸는데 칭찬받았습니다.", "I gave it to my parents and they praised it."),
    ("매장에서 보고 앱으로 샀는데 똑같이 좋아요.", "Saw it in the shop, bought it in the app: just as good."),
    ("사진이랑 같아요. 색이 예쁩니다.", "Looks like the picture. Lovely colour."),
    ("재구매입니다. 믿고 사요.", "Second time. I trust this shop."),
];
const FAIR: Lines = &[
    ("무난합니다.", "It is all right."),
    ("상품은 괜찮은데 포장이 조금 아쉬워요.", "The goods are fine, the packaging less so."),
    ("생각보다 작아요.", "Smaller than I thought."),
    ("보통이에요. 설명이 더 자세하면 좋겠어요.", "Average. The description could say more."),
];
const BAD: Lines = &[
    ("기대와 달라서 반품했습니다.", "Not what I expected, so I sent it back."),
    ("상자가 찌그러져서 왔어요.", "The box came dented."),
    ("사진과 색이 많이 다릅니다.", "The colour is far from the picture."),
    ("고객센터 연결이 너무 어렵습니다.", "It is very hard to reach customer service."),
];
const SLOW: Lines = &[
    ("아이폰에서 결제 화면이 너무 느려요.", "The payment page is far too slow on my iPhone."),
    (
        "결제 창이 한참 안 떠서 두 번 눌렀어요. 두 번 결제될까 봐 걱정했습니다.",
        "Payment took ages, I pressed twice and feared paying twice.",
    ),
    ("사파리에서 결제가 멈춘 것 같아서 그냥 나왔어요.", "Checkout seemed frozen in Safari, so I left."),
    ("요즘 결제가 왜 이렇게 느린가요?", "Why has checkout become so slow lately?"),
];
const SHIPPING: Lines = &[
    ("배송비가 마지막에야 보여서 당황했어요.", "The shipping cost only shows at the very end."),
    (
        "배송비 있는 줄 알았으면 안 담았을 거예요.",
        "Had I known of the shipping fee, I would not have bothered.",
    ),
    ("5만원부터 무료라는 걸 미리 알려 주세요.", "Tell me earlier that shipping is free from 50,000 won."),
];
const COUPON: Lines = &[
    ("쿠폰이 계속 오류가 나요.", "The coupon keeps failing."),
    (
        "환영 쿠폰을 세 번 넣었는데 안 됩니다. 이유도 안 나와요.",
        "Entered the welcome coupon three times. It fails and does not say why.",
    ),
    ("쿠폰 조건을 모르겠어요.", "I do not understand the coupon's conditions."),
];
const LATE: Lines = &[
    ("배송이 너무 늦어서 생일이 지나 버렸어요.", "It came so late that the birthday was over."),
    ("한빛택배 조회가 이틀째 그대로예요.", "The Hanbit tracking has not moved for two days."),
    ("부산인데 다섯 밤이나 걸렸습니다.", "Five nights to Busan."),
    ("언제 오는지 아무도 모른대요.", "Nobody can say when it arrives."),
];
const RETURNS: Lines = &[
    ("반품 신청을 어떻게 하나요?", "How do I return this?"),
    ("다른 색으로 교환하고 싶습니다.", "I would like another colour."),
    ("환불이 아직 안 들어왔어요.", "My refund has not arrived yet."),
];
const GOODS: Lines = &[
    ("이 상품 선물 포장 되나요?", "Can this be gift-wrapped?"),
    ("내일까지 받을 수 있을까요?", "Can I get it by tomorrow?"),
    ("리뷰에 있는 색이 실제 색인가요?", "Is the colour in the reviews the real one?"),
    ("유통기한이 얼마나 남았나요?", "What is the best-before date?"),
];

/// A comment on a score that was stretched to 0–1, by someone who had `trouble`.
pub fn comment(share: f64, trouble: Trouble, english: bool, rng: &mut Rng) -> &'static str {
    let lines = match trouble {
        _ if share > 0.7 => GOOD,
        Trouble::Slow => SLOW,
        Trouble::Shipping => SHIPPING,
        Trouble::Coupon => COUPON,
        Trouble::Late => LATE,
        Trouble::None if share < 0.4 => BAD,
        Trouble::None => FAIR,
    };
    one_of(lines, english, rng)
}

/// The text of a ticket or chat on a topic.
pub fn ticket(topic: &str, english: bool, rng: &mut Rng) -> &'static str {
    let lines = match topic {
        "delivery" => LATE,
        "payment" => SLOW,
        "coupon" => COUPON,
        "return" => RETURNS,
        _ => GOODS,
    };
    one_of(lines, english, rng)
}

fn one_of(lines: Lines, english: bool, rng: &mut Rng) -> &'static str {
    let (ko, en) = lines[rng.below(lines.len() as u64) as usize];
    if english { en } else { ko }
}
