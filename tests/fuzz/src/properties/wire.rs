//! HTTP/1.1 read as strictly as RFC 9112 allows, and by nobody's library: for what arrives at the upstream, and for what a client
//! has sent where there is only one way to read it.

/// A request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    pub method: String,
    pub target: String,
    /// Names in lower case.
    pub fields: Vec<(String, Vec<u8>)>,
    pub body: Vec<u8>,
}

/// What a beginning of bytes is.
#[derive(Debug)]
pub enum Read {
    /// A whole request, and how many bytes it has.
    Whole(Box<Message>, usize),
    /// The beginning of one.
    More,
    /// None.
    Bad(&'static str),
}

impl Message {
    /// The values of a field.
    pub fn all(&self, name: &str) -> Vec<&[u8]> {
        self.fields.iter().filter(|(known, _)| known == name).map(|(_, value)| value.as_slice()).collect()
    }

    /// Reads one.
    pub fn read(bytes: &[u8]) -> Read {
        let Some(end) = find(bytes, b"\r\n\r\n") else { return Read::More };
        let mut message = match head(&bytes[..end]) {
            Ok(message) => message,
            Err(what) => return Read::Bad(what),
        };
        let rest = &bytes[end + 4..];
        let length = match framing(&message) {
            Ok(Some(length)) if rest.len() >= length => {
                message.body = rest[..length].to_vec();
                length
            }
            Ok(Some(_)) => return Read::More,
            Ok(None) => match chunks(rest) {
                Ok(Some((body, length))) => {
                    message.body = body;
                    length
                }
                Ok(None) => return Read::More,
                Err(what) => return Read::Bad(what),
            },
            Err(what) => return Read::Bad(what),
        };
        Read::Whole(Box::new(message), end + 4 + length)
    }

    /// All of them, where the bytes are nothing else.
    pub fn read_all(mut bytes: &[u8]) -> Option<Vec<Self>> {
        let mut all = Vec::new();
        while !bytes.is_empty() {
            let Read::Whole(message, length) = Self::read(bytes) else { return None };
            all.push(*message);
            bytes = &bytes[length..];
        }
        Some(all)
    }
}

fn find(bytes: &[u8], what: &[u8]) -> Option<usize> {
    bytes.windows(what.len()).position(|window| window == what)
}

fn is_token(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte))
}

fn head(bytes: &[u8]) -> Result<Message, &'static str> {
    let mut lines = bytes.split(|byte| *byte == b'\n');
    let line = |line: &[u8], last: bool| {
        // The last line's end was cut off.
        let line = if last { line } else { line.strip_suffix(b"\r").ok_or("a bare LF")? };
        let plain = line.iter().all(|byte| matches!(byte, b'\t' | b' '..=b'~' | 0x80..));
        if plain { Ok(line.to_vec()) } else { Err("a control character") }
    };
    let count = bytes.split(|byte| *byte == b'\n').count();
    let first = line(lines.next().unwrap_or_default(), count == 1)?;
    let first = String::from_utf8(first).map_err(|_| "a request line that is no text")?;
    let words: Vec<&str> = first.split(' ').collect();
    let [method, target, "HTTP/1.1"] = words[..] else { return Err("no request line") };
    if !is_token(method) || !target.starts_with('/') || !target.bytes().all(|byte| matches!(byte, 0x21..=0x7e)) {
        return Err("no request line");
    }
    let mut message = Message { method: method.to_owned(), target: target.to_owned(), fields: Vec::new(), body: Vec::new() };
    for (at, field) in lines.enumerate() {
        let field = line(field, at + 2 == count)?;
        let colon = field.iter().position(|byte| *byte == b':').ok_or("a line without a colon")?;
        let name = str::from_utf8(&field[..colon]).ok().filter(|name| is_token(name)).ok_or("a name that is none")?;
        message.fields.push((name.to_ascii_lowercase(), field[colon + 1..].trim_ascii().to_vec()));
    }
    if message.all("host").len() == 1 { Ok(message) } else { Err("not one host") }
}

/// The length; none where it comes in chunks.
fn framing(message: &Message) -> Result<Option<usize>, &'static str> {
    match (&message.all("content-length")[..], &message.all("transfer-encoding")[..]) {
        ([], []) => Ok(Some(0)),
        ([length], []) if !length.is_empty() && length.len() < 10 && length.iter().all(u8::is_ascii_digit) => {
            str::from_utf8(length).ok().and_then(|length| length.parse().ok()).map(Some).ok_or("no length")
        }
        ([], [b"chunked"]) => Ok(None),
        _ => Err("framed in more than one way"),
    }
}

type Chunks = Option<(Vec<u8>, usize)>;

fn chunks(bytes: &[u8]) -> Result<Chunks, &'static str> {
    let (mut body, mut at) = (Vec::new(), 0);
    loop {
        let Some(line) = find(&bytes[at..], b"\r\n") else { return Ok(None) };
        let size = &bytes[at..at + line];
        if size.is_empty() || size.len() > 7 || !size.iter().all(u8::is_ascii_hexdigit) {
            return Err("no chunk size");
        }
        let size = str::from_utf8(size).ok().and_then(|size| usize::from_str_radix(size, 16).ok()).ok_or("no chunk size")?;
        at += line + 2;
        let Some(chunk) = bytes.get(at..at + size + 2) else { return Ok(None) };
        if !chunk.ends_with(b"\r\n") {
            return Err("a chunk that goes on, or trailers");
        }
        body.extend_from_slice(&chunk[..size]);
        at += size + 2;
        if size == 0 {
            return Ok(Some((body, at)));
        }
    }
}
