//! What the company has: goods, shops, campaigns, and the browsers its customers use.

use super::season::Season;

/// Something on sale.
#[derive(Debug)]
pub struct Product {
    /// Its name.
    pub name: &'static str,
    /// Its category.
    pub category: &'static str,
    /// Its price, won.
    pub won: f64,
}

const fn product(category: &'static str, name: &'static str, won: f64) -> Product {
    Product { name, category, won }
}

/// The catalogue.
pub const PRODUCTS: [Product; 48] = [
    product("식품", "6년근 홍삼 스틱", 69_000.0),
    product("식품", "한우 등심 선물 세트", 189_000.0),
    product("식품", "제철 과일 바구니", 58_000.0),
    product("식품", "제주 감귤 3kg", 24_900.0),
    product("식품", "수제 초콜릿 12구", 32_000.0),
    product("식품", "스페셜티 원두 500g", 22_000.0),
    product("식품", "한과 소담 세트", 39_000.0),
    product("식품", "올리브유 2병 세트", 46_000.0),
    product("향", "소이 캔들 무화과", 29_000.0),
    product("향", "룸 디퓨저 백차", 34_000.0),
    product("향", "오 드 퍼퓸 50ml", 98_000.0),
    product("향", "핸드크림 3종", 27_000.0),
    product("향", "인센스 스타터", 19_800.0),
    product("향", "바디워시 선물 세트", 36_000.0),
    product("패션", "캐시미어 목도리", 119_000.0),
    product("패션", "소가죽 카드 지갑", 54_000.0),
    product("패션", "실버 목걸이", 72_000.0),
    product("패션", "니트 장갑", 26_000.0),
    product("패션", "양말 5켤레 상자", 18_000.0),
    product("패션", "캔버스 토트백", 42_000.0),
    product("디지털", "무선 이어폰", 129_000.0),
    product("디지털", "블루투스 스피커", 79_000.0),
    product("디지털", "보조 배터리", 35_000.0),
    product("디지털", "전자 액자", 149_000.0),
    product("디지털", "무선 충전 거치대", 39_900.0),
    product("디지털", "미니 가습기", 28_900.0),
    product("리빙", "보온 텀블러", 31_000.0),
    product("리빙", "머그 2인 세트", 25_000.0),
    product("리빙", "도자기 그릇 세트", 88_000.0),
    product("리빙", "양모 담요", 64_000.0),
    product("리빙", "수면 안대와 베개 스프레이", 33_000.0),
    product("리빙", "원목 도마", 47_000.0),
    product("유아", "아기 내복 세트", 38_000.0),
    product("유아", "원목 블록", 45_000.0),
    product("유아", "첫 그림책 5권", 43_000.0),
    product("유아", "유아 식기 세트", 34_900.0),
    product("유아", "애착 인형", 29_900.0),
    product("유아", "돌 선물 상자", 92_000.0),
    product("꽃과 케이크", "계절 꽃다발", 49_000.0),
    product("꽃과 케이크", "드라이플라워 상자", 37_000.0),
    product("꽃과 케이크", "생크림 케이크", 41_000.0),
    product("꽃과 케이크", "마들렌 16구", 28_000.0),
    product("꽃과 케이크", "카네이션 화분", 23_000.0),
    product("건강", "비타민 90일분", 52_000.0),
    product("건강", "안마 쿠션", 99_000.0),
    product("건강", "온열 찜질기", 59_000.0),
    product("건강", "요가 매트", 44_000.0),
    product("건강", "콜라겐 30포", 48_000.0),
];

/// The shops.
pub const STORES: [&str; 5] = ["성수점", "판교점", "해운대점", "동성로점", "상무점"];
/// What people type.
pub const QUERIES: [&str; 14] = [
    "생일 선물",
    "집들이 선물",
    "부모님 선물",
    "5만원대 선물",
    "출산 선물",
    "여자친구 선물",
    "남자친구 선물",
    "추석 선물 세트",
    "퇴사 선물",
    "캔들",
    "텀블러",
    "홍삼",
    "birthday gift",
    "무선 이어폰",
];
/// Pages without goods.
pub const PAGES: [&str; 8] =
    ["/", "/best", "/gift-guide", "/event", "/category/living", "/category/food", "/about", "/delivery"];

/// An advertisement one pays for by the click.
#[derive(Debug)]
pub struct Campaign {
    /// Its key.
    pub key: &'static str,
    /// First and last day it runs, from 1 November.
    pub days: (usize, usize),
    /// Weight among the campaigns of its channel.
    pub weight: f64,
    /// Mean cost of a click, won.
    pub click_won: f64,
}

/// Search campaigns.
pub const SEARCH: [Campaign; 4] = [
    Campaign { key: "search_gift", days: (0, 364), weight: 5.0, click_won: 520.0 },
    Campaign { key: "search_brand", days: (0, 364), weight: 3.0, click_won: 210.0 },
    Campaign { key: "search_parents", days: (178, 190), weight: 5.0, click_won: 610.0 },
    Campaign { key: "search_chuseok", days: (305, 325), weight: 6.0, click_won: 640.0 },
];
/// Social campaigns.
pub const SOCIAL: [Campaign; 3] = [
    Campaign { key: "social_reels", days: (0, 364), weight: 5.0, click_won: 340.0 },
    Campaign { key: "social_blackfriday", days: (18, 30), weight: 7.0, click_won: 430.0 },
    Campaign { key: "social_newborn", days: (120, 300), weight: 1.5, click_won: 380.0 },
];
/// Advertisement for people who have looked before.
pub const RETARGET: Campaign =
    Campaign { key: "retarget_viewed", days: (0, 364), weight: 1.0, click_won: 290.0 };

/// The campaigns of a list that run on a day.
pub fn running<'c>(
    campaigns: &'c [Campaign],
    season: &Season,
    time_us: i64,
) -> impl Iterator<Item = &'c Campaign> {
    let day = season.day_of(time_us);
    campaigns.iter().filter(move |campaign| (campaign.days.0..=campaign.days.1).contains(&day))
}

/// A browser as it names itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Browser {
    /// Its family.
    pub name: &'static str,
    /// `mobile` or `desktop`.
    pub device: &'static str,
    /// Its user agent, shortened.
    pub agent: &'static str,
}

const fn browser(name: &'static str, device: &'static str, agent: &'static str) -> Browser {
    Browser { name, device, agent }
}

/// Safari on iPhones.
pub const MOBILE_SAFARI: Browser =
    browser("Mobile Safari", "mobile", "Mozilla/5.0 (iPhone; CPU iPhone OS 19_0) Safari/604.1");
/// The app's own view.
pub const APP: Browser = browser("Gilmok App", "mobile", "GilmokStore/5.2 (mobile)");
/// Browsers on Android.
pub const ANDROID: [(Browser, f64); 2] = [
    (browser("Chrome Mobile", "mobile", "Mozilla/5.0 (Linux; Android 16) Chrome/141.0 Mobile"), 0.6),
    (browser("Samsung Internet", "mobile", "Mozilla/5.0 (Linux; Android 16) SamsungBrowser/29.0"), 0.4),
];
/// Browsers on desks.
pub const DESKTOP: [(Browser, f64); 4] = [
    (browser("Chrome", "desktop", "Mozilla/5.0 (Windows NT 10.0) Chrome/141.0"), 0.62),
    (browser("Edge", "desktop", "Mozilla/5.0 (Windows NT 10.0) Edg/141.0"), 0.17),
    (browser("Whale", "desktop", "Mozilla/5.0 (Windows NT 10.0) Whale/4.30"), 0.12),
    (browser("Safari", "desktop", "Mozilla/5.0 (Macintosh) Version/19.0 Safari/605.1"), 0.09),
];
/// Machines that only look.
pub const BOTS: [Browser; 3] = [
    browser("Googlebot", "desktop", "Mozilla/5.0 (compatible; Googlebot/2.1)"),
    browser("HeadlessChrome", "desktop", "Mozilla/5.0 (X11; Linux) HeadlessChrome/138.0 bot"),
    browser("python-requests", "desktop", "python-requests/2.32 price-bot"),
];
