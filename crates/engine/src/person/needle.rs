//! Looking for a person's identifiers in texts and bytes.

/// The identifiers of one person.
#[derive(Debug, Clone, Default)]
pub(crate) struct Needles {
    texts: Vec<String>,
    /// Each identifier in the encodings a file may be written in.
    encoded: Vec<Vec<u8>>,
}

impl Needles {
    pub(crate) fn new<'a>(ids: impl IntoIterator<Item = &'a String>) -> Self {
        let texts: Vec<String> = ids.into_iter().filter(|id| !id.is_empty()).cloned().collect();
        let mut encoded: Vec<Vec<u8>> = texts.iter().map(|id| id.as_bytes().to_vec()).collect();
        for id in &texts {
            encoded.push(encoding_rs::EUC_KR.encode(id).0.into_owned());
            encoded.push(id.encode_utf16().flat_map(u16::to_le_bytes).collect());
            encoded.push(id.encode_utf16().flat_map(u16::to_be_bytes).collect());
        }
        encoded.sort();
        encoded.dedup();
        Self { texts, encoded }
    }

    /// Bytes of the longest one: what two blocks of a file have to overlap.
    pub(crate) fn overlap(&self) -> usize {
        self.encoded.iter().map(|id| id.len() + 2).max().unwrap_or(0)
    }

    /// Whether one stands in these bytes, and not as a part of a longer word: `u-1` does not stand in `u-12`.
    pub(crate) fn in_bytes(&self, bytes: &[u8]) -> bool {
        self.encoded.iter().any(|id| {
            let (first, last) = (id[0].is_ascii_alphanumeric(), id[id.len() - 1].is_ascii_alphanumeric());
            let is_word = |at: Option<&u8>| at.is_some_and(u8::is_ascii_alphanumeric);
            memchr::memmem::find_iter(bytes, id).any(|at| {
                let before = at.checked_sub(1).and_then(|at| bytes.get(at));
                !(first && is_word(before)) && !(last && is_word(bytes.get(at + id.len())))
            })
        })
    }

    /// Whether a dead letter concerns the person: JSON by its texts (escapes undone) and by numbers that are
    /// identifiers, anything else by its bytes.
    pub(crate) fn in_letter(&self, raw: &[u8]) -> bool {
        match serde_json::from_slice::<serde_json::Value>(raw) {
            Ok(json) => self.in_json(&json, ""),
            Err(_) => self.in_bytes(raw),
        }
    }

    fn in_json(&self, json: &serde_json::Value, key: &str) -> bool {
        match json {
            serde_json::Value::String(text) => self.in_bytes(text.as_bytes()),
            serde_json::Value::Number(number) => {
                let is_id = key.to_ascii_lowercase().ends_with("id");
                is_id && self.texts.contains(&number.to_string())
            }
            serde_json::Value::Array(items) => items.iter().any(|item| self.in_json(item, key)),
            serde_json::Value::Object(fields) => {
                fields.iter().any(|(name, field)| self.in_bytes(name.as_bytes()) || self.in_json(field, name))
            }
            _ => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn needles(ids: &[&str]) -> Needles {
        let ids: Vec<String> = ids.iter().map(|id| (*id).to_owned()).collect();
        Needles::new(&ids)
    }

    #[test]
    fn words_are_whole() {
        let check = |id: &str, text: &str, expected: bool| {
            assert_eq!(needles(&[id]).in_bytes(text.as_bytes()), expected, "{id} in {text}");
        };
        check("u-1", "who,u-1,web", true);
        check("u-1", "u-12,u-1", true);
        check("u-1", "u-12", false);
        check("u-1", "lu-1", false);
        check("민수", "고객 민수님", true); // Korean has no spaces between words.
        check("u-1", "u-1님", true);
        check("@min", "hey@min", true);
    }

    #[test]
    fn other_encodings() {
        let id = needles(&["길동-7"]);
        assert!(id.in_bytes(&encoding_rs::EUC_KR.encode("a,길동-7,b").0));
        let wide: Vec<u8> = "a\t길동-7\n".encode_utf16().flat_map(u16::to_le_bytes).collect();
        assert!(id.in_bytes(&wide));
    }

    #[test]
    fn letters() {
        let id = needles(&["7", "é-9"]);
        assert!(id.in_letter(br#"{"userId": 7}"#)); // A number is an identifier by its name only.
        assert!(!id.in_letter(br#"{"quantity": 7}"#));
        assert!(id.in_letter(br#"{"batch": [{"url": "https://a/?u=\u00e9-9&x"}]}"#)); // Escapes hide nothing.
        assert!(id.in_letter(b"{broken 7 json"));
        assert!(!id.in_letter(b"{broken 77 json"));
    }
}
