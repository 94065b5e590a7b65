//! Names as data has them: of countries and measures, in many scripts, short and as long as official names get.

/// A script, a short name and a long one.
pub const NAMES: [(&str, &str, &str); 14] = [
    ("latin", "Chad", "United Kingdom of Great Britain and Northern Ireland"),
    ("accents", "Côte d’Ivoire", "Cộng hòa Xã hội chủ nghĩa Việt Nam, Łódź, Příbram, Reykjavík"),
    ("combining", "Cafe\u{301}", "Re\u{301}publique de\u{301}mocratique fe\u{301}de\u{301}rale d’E\u{301}thiopie"),
    ("greek", "Ελλάς", "Μακροπρόθεσμη ονομαστική απόδοση κρατικών ομολόγων"),
    ("cyrillic", "Чад", "Соединённое Королевство Великобритании и Северной Ирландии"),
    ("arabic", "تشاد", "المملكة المتحدة لبريطانيا العظمى وأيرلندا الشمالية"),
    ("hebrew", "צ׳אד", "הממלכה המאוחדת של בריטניה הגדולה וצפון אירלנד"),
    ("devanagari", "चाड", "ग्रेट ब्रिटेन और उत्तरी आयरलैंड का संयुक्त राज्य"),
    ("thai", "ชาด", "สหราชอาณาจักรบริเตนใหญ่และไอร์แลนด์เหนือ"),
    ("han", "乍得", "大不列颠及北爱尔兰联合王国与诺曼底以及根西行政区合计"),
    ("kana", "チャド", "グレートブリテン及び北アイルランド連合王国消費者物価指数"),
    ("hangul", "차드", "그레이트브리튼 및 북아일랜드 연합 왕국 소비자 물가 지수"),
    ("tamil", "சாட்", "பெரிய பிரித்தானியா மற்றும் வட அயர்லாந்து ஐக்கிய இராச்சியம்"),
    ("mixed", "CPI-U ישראל", "S&P/Case-Shiller (SA) 中国 – المملكة 2026, index"),
];
