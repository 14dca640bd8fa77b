//! Forms in both encodings, honest and hostile.

use mailroom_domain::FilePlace;
use proptest::prelude::*;

use super::*;

const TYPE: &str = "multipart/form-data; boundary=xYz";

fn form(parts: &[(&str, &[u8])]) -> Vec<u8> {
    let mut body = Vec::new();
    for (disposition, content) in parts {
        body.extend(format!("--xYz\r\nContent-Disposition: form-data; {disposition}\r\n\r\n").as_bytes());
        body.extend_from_slice(content);
        body.extend(b"\r\n");
    }
    body.extend(b"--xYz--\r\n");
    body
}

fn fields(parts: &[(&str, &[u8])]) -> Fields {
    Fields::of(decode(TYPE, &form(parts)).unwrap())
}

#[test]
fn texts_bytes_and_files_are_told_apart() {
    let fields = fields(&[
        ("name=\"subject\"", "caf\u{e9}".as_bytes()),
        ("name=\"raw\"", b"caf\xe9"),
        (
            "name=\"attachment-1\"; filename=\"a b.txt\"\r\nContent-Type: text/plain",
            b"x",
        ),
        ("name=\"attachment-10\"; filename=\"\"", b""),
        ("name=\"attachment-2\"; filename*=UTF-8''caf%C3%A9.txt", b"yy"),
    ]);
    assert_eq!(fields.get("subject"), Some("caf\u{e9}"));
    assert_eq!(
        (fields.get("raw"), fields.bytes("raw").unwrap().as_ref()),
        (None, &b"caf\xe9"[..])
    );
    assert_eq!(fields.text("raw").as_deref(), Some("caf\u{fffd}"));
    assert_eq!(fields.place("raw").as_deref(), Some("/raw/base64"));
    let files = fields.files();
    let seen: Vec<_> = files
        .iter()
        .map(|file| (file.name.as_deref(), file.content_type.as_deref(), file.size))
        .collect();
    let expected = [
        (Some("a b.txt"), Some("text/plain"), Some(1)),
        (Some("caf\u{e9}.txt"), None, Some(2)),
        (None, None, Some(0)),
    ];
    assert_eq!(seen, expected);
    assert_eq!(
        files[1].place,
        Some(FilePlace::Payload("/attachment-2/base64".to_owned()))
    );
}

#[test]
fn pointers_lead_to_what_is_kept() {
    let fields = fields(&[
        ("name=\"a/b~\"; filename=\"1\"", b"one"),
        ("name=\"a/b~\"; filename=\"2\"", b"two"),
        ("name=\"t\"", b""),
        ("name=\"t\"", b"text"),
    ]);
    let kept: serde_json::Value = serde_json::from_str(&fields.to_json()).unwrap();
    let places: Vec<_> = fields
        .files()
        .into_iter()
        .map(|file| file.place.unwrap())
        .collect();
    let FilePlace::Payload(second) = &places[1] else {
        panic!("{places:?}")
    };
    assert_eq!(kept.pointer(second).unwrap(), "dHdv");
    assert_eq!(kept.pointer(&fields.place("t").unwrap()).unwrap(), "text");
    assert_eq!(
        Fields::from_json(fields.to_json().as_bytes()).unwrap().to_json(),
        fields.to_json()
    );
}

#[test]
fn a_form_is_the_same_in_either_encoding() {
    let multipart = fields(&[("name=\"a\"", b"1 + 1"), ("name=\"b\"", b"\xff")]);
    let urlencoded = Fields::urlencoded(b"b=%FF&a=1+%2B+1");
    assert_eq!(multipart.to_json(), urlencoded.to_json());
    assert_eq!(urlencoded.len(), 2);
    assert_eq!(
        Fields::urlencoded(b"a=%zz&&=%4&b").to_json(),
        r#"{"":"%4","a":"%zz","b":""}"#
    );
}

#[test]
fn what_is_no_form_is_refused() {
    assert_eq!(decode("multipart/form-data", b""), None);
    assert_eq!(decode("multipart/mixed; boundary=xYz", &form(&[])), None);
    assert_eq!(decode(TYPE, b""), None);
    let whole = form(&[("name=\"a\"", b"1")]);
    assert_eq!(decode(TYPE, &whole[..whole.len() - 8]), None);
    assert_eq!(decode(TYPE, &form(&[])), Some(vec![]));
    assert!(decode(TYPE, &form(&vec![("name=\"a\"", &b"1"[..]); MOST_PARTS])).is_some());
    assert_eq!(
        decode(TYPE, &form(&vec![("name=\"a\"", &b"1"[..]); MOST_PARTS + 1])),
        None
    );
    for kept in ["[]", r#"{"a":1}"#, r#"{"a":{"base64":1}}"#, r#"{"a":[["b"]]}"#] {
        assert_eq!(Fields::from_json(kept.as_bytes()), None, "{kept}");
    }
}

proptest! {
    #[test]
    fn any_bytes_decode_to_something_or_nothing(
        body in proptest::collection::vec(any::<u8>(), 0..300),
        content_type in "\\PC{0,40}|multipart/form-data; boundary=.{0,8}",
    ) {
        let _ = decode(&content_type, &body);
        let _ = decode(TYPE, &[b"--xYz\r\n", &body[..], b"\r\n--xYz--"].concat());
        let _ = decode(TYPE, &[b"--xYz\r\nContent-Disposition: ", &body[..], b"\r\n\r\n\r\n--xYz--"].concat());
        if let Some(fields) = Fields::from_json(&body) {
            let _ = (fields.files(), fields.to_json());
        }
    }

    #[test]
    fn what_is_kept_reads_as_what_was_sent(
        contents in proptest::collection::vec((0..3_u8, any::<bool>(), proptest::collection::vec(any::<u8>(), 0..20)), 0..8),
    ) {
        let parts = contents.iter().map(|(name, is_file, content)| Part {
            name: format!("n{name}"),
            file_name: is_file.then(|| "f".to_owned()),
            content_type: None,
            content: content.clone(),
        });
        let fields = Fields::of(parts.collect());
        let again = Fields::from_json(fields.to_json().as_bytes()).unwrap();
        prop_assert_eq!(again.files(), fields.files());
        for name in ["n0", "n1", "n2"] {
            prop_assert_eq!(again.bytes(name), fields.bytes(name));
            prop_assert_eq!(again.place(name), fields.place(name));
        }
    }

    #[test]
    fn urlencoded_texts_come_back(name in "\\PC{1,8}", value in "\\PC{0,12}") {
        let body: String = form_urlencoded::Serializer::new(String::new()).append_pair(&name, &value).finish();
        let fields = Fields::urlencoded(body.as_bytes());
        prop_assert_eq!(fields.text(&name).unwrap_or_default(), value);
    }
}
