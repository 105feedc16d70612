//! The one form that may bring a file with it (`multipart/form-data`, RFC 7578): its fields are read like those of any other form,
//! each once, and beside them there is at most one file. Without a file to choose it is sent like any other form, too.

use axum::extract::{FromRequest, Multipart, Request};
use axum::response::Response;
use bytes::Bytes;
use http::header::CONTENT_TYPE;

use crate::pages::form::Fields;
use crate::pages::refusal::Refusal;

/// The name of the part that is a file.
const FILE: &str = "file";
/// So many parts are read: nobody's form has more.
const PARTS: usize = 16;

/// A form, and the file that was chosen in it.
pub struct Upload {
    /// What was typed.
    pub fields: Fields,
    /// What was chosen; `None`: nothing.
    pub file: Option<Bytes>,
}

impl<S: Send + Sync> FromRequest<S> for Upload {
    type Rejection = Response;

    async fn from_request(request: Request, state: &S) -> Result<Self, Response> {
        let sent = request.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
        let essence = sent.split(';').next().unwrap_or_default().trim();
        if !essence.eq_ignore_ascii_case("multipart/form-data") {
            return Ok(Self { fields: Fields::from_request(request, state).await?, file: None });
        }
        let parts = Multipart::from_request(request, state).await.map_err(|_| Response::from(Refusal::NotAForm))?;
        read(parts).await.ok_or_else(|| Refusal::NotAForm.into())
    }
}

/// `None`: it is no form of ours. A part that says nothing of a file is text in UTF-8, whatever it says of itself.
async fn read(mut parts: Multipart) -> Option<Upload> {
    let mut upload = Upload { fields: Fields::default(), file: None };
    let mut seen_file = false;
    for _ in 0..=PARTS {
        let Some(part) = parts.next_field().await.ok()? else { return Some(upload) };
        let name = part.name()?.to_owned();
        let chosen = part.file_name().map(|name| !name.is_empty());
        let bytes = part.bytes().await.ok()?;
        match (name.as_str(), chosen) {
            (FILE, Some(chosen)) if !seen_file => {
                seen_file = true;
                // Browsers send an empty one without a name where nothing was chosen.
                upload.file = (chosen || !bytes.is_empty()).then_some(bytes);
            }
            (FILE, _) | (_, Some(_)) => return None,
            (_, None) => upload.fields.put(name, String::from_utf8(bytes.into()).ok()?)?,
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use axum::body::Body;

    use super::*;

    async fn sent(kind: &str, body: &str) -> Option<(Vec<String>, Option<Bytes>)> {
        let request = Request::builder().header(CONTENT_TYPE, kind).body(Body::from(body.to_owned())).unwrap();
        let upload = Upload::from_request(request, &()).await.ok()?;
        let fields = upload.fields.names().map(|name| format!("{name}={}", upload.fields.text(name))).collect();
        Some((fields, upload.file))
    }

    /// With `\n` for a line's end, of which a body has another.
    async fn parts(parts: &[&str]) -> Option<(Vec<String>, Option<Bytes>)> {
        let parts: Vec<String> = parts.iter().map(|part| format!("--x\nContent-Disposition: form-data; {part}\n")).collect();
        sent("multipart/form-data; boundary=x", &format!("{}--x--\n", parts.concat()).replace('\n', "\r\n")).await
    }

    #[tokio::test]
    async fn fields_and_one_file_are_read_and_nothing_that_has_two_readings() {
        let (text, file) = ("name=\"people\"\n\na@b.c & d", "name=\"file\"; filename=\"p.csv\"\nContent-Type: text/csv\n\nx,y");
        assert_eq!(parts(&[text, file]).await, Some((vec!["people=a@b.c & d".to_owned()], Some(Bytes::from_static(b"x,y")))));
        let nothing_chosen = "name=\"file\"; filename=\"\"\nContent-Type: application/octet-stream\n\n";
        assert_eq!(parts(&[text, nothing_chosen]).await.unwrap().1, None);
        let empty_file = "name=\"file\"; filename=\"empty.csv\"\n\n";
        assert_eq!(parts(&[empty_file]).await.unwrap().1, Some(Bytes::new()));
        for (wrong, parts_of_it) in [
            ("a field twice", vec![text, text]),
            ("two files", vec![file, file]),
            ("nothing chosen, and a file", vec![nothing_chosen, file]),
            ("a file by another name", vec!["name=\"people\"; filename=\"p.csv\"\n\nx"]),
            ("a file that is none", vec!["name=\"file\"\n\nx"]),
            ("no name", vec!["filename=\"p.csv\"\n\nx"]),
        ] {
            assert_eq!(parts(&parts_of_it).await, None, "{wrong}");
        }
        let many: Vec<String> = (0..=PARTS).map(|at| format!("name=\"n{at}\"\n\nx")).collect();
        let many: Vec<&str> = many.iter().map(String::as_str).collect();
        assert!(parts(&many[..PARTS]).await.is_some());
        assert_eq!(parts(&many).await, None);
    }

    #[tokio::test]
    async fn without_a_file_it_may_be_any_form_and_what_is_broken_is_none() {
        let plain = sent("application/x-www-form-urlencoded", "people=a%40b.c").await;
        assert_eq!(plain, Some((vec!["people=a@b.c".to_owned()], None)));
        for (kind, body) in [
            ("multipart/form-data", "--x--\r\n"),
            ("multipart/form-data; boundary=x", ""),
            ("multipart/form-data; boundary=x", "--x\r\nContent-Disposition: form-data; name=\"file\"; filename=\"p\"\r\n\r\nx"),
            ("multipart/form-data; boundary=x", "--y\r\n\r\n--y--\r\n"),
            ("multipart/mixed; boundary=x", "--x--\r\n"),
            ("text/plain", "people=x"),
        ] {
            assert_eq!(sent(kind, body).await, None, "{kind} {body:?}");
        }
        let request = |body: &'static [u8]| {
            let request = Request::builder().header(CONTENT_TYPE, "multipart/form-data; boundary=x");
            request.body(Body::from(body)).unwrap()
        };
        let binary = request(b"--x\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n\xff\r\n--x--\r\n");
        assert!(Upload::from_request(binary, &()).await.is_err());
    }
}
