//! The handler behind the gate: each path does one thing that a real one may do.

use std::convert::Infallible;
use std::rc::Rc;
use std::sync::{Arc, Mutex};

use bytes::Bytes;
use http::{Request, Response};
use http_body_util::combinators::BoxBody;
use http_body_util::{BodyExt as _, Full, StreamBody};
use hyper::body::{Frame, Incoming};
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::sync::Notify;
use vestibule::net::{Connection, Fault, Handler, WorkerContext};

/// What a handler saw and waits for, shared with the test.
#[derive(Clone, Default)]
pub struct Stage {
    seen: Arc<Mutex<Vec<String>>>,
    pub arrived: Arc<Notify>,
    pub go: Arc<Notify>,
    /// Whoever holds it is still being answered.
    pub answering: Arc<()>,
}

impl Stage {
    fn saw(&self, what: String) {
        self.seen.lock().unwrap().push(what);
        self.arrived.notify_one();
    }

    pub fn seen(&self) -> Vec<String> {
        self.seen.lock().unwrap().clone()
    }
}

pub struct Actor {
    pub stage: Stage,
    pub context: WorkerContext,
    pub name: &'static str,
}

type Body = BoxBody<Bytes, Infallible>;

fn text(status: u16, text: impl Into<Bytes>) -> Response<Body> {
    Response::builder().status(status).body(Full::new(text.into()).boxed()).unwrap()
}

impl Handler for Actor {
    type Body = Body;
    type Note = ();

    fn begin(&self, _: &Connection, _: &Request<Incoming>) {}

    async fn handle(&self, connection: &Rc<Connection>, request: Request<Incoming>, (): &mut ()) -> Response<Body> {
        let path = request.uri().path().to_owned();
        self.stage.seen.lock().unwrap().push(format!("{} {path}", request.method()));
        match path.as_str() {
            "/echo" => match request.into_body().collect().await {
                Ok(body) => text(200, body.to_bytes()),
                Err(error) => text(400, error.to_string()),
            },
            "/worker" => text(200, format!("worker {}", connection.worker)),
            "/refuse" => text(401, "no"),
            "/refuse-and-close" => {
                let mut response = text(401, "no");
                response.headers_mut().insert("connection", "close".parse().unwrap());
                response
            }
            "/panic" => panic!("on purpose"),
            "/wait" => {
                self.stage.arrived.notify_one();
                self.stage.go.notified().await;
                text(200, "at last")
            }
            "/beat" => {
                self.context.pulse.notified().await;
                self.context.pulse.notified().await;
                text(200, "alive")
            }
            "/tunnel" => {
                let stage = self.stage.clone();
                let soft = self.context.soft.clone();
                let upgrade = hyper::upgrade::on(request);
                self.context.tasks.spawn_local(async move {
                    let mut tunnel = TokioIo::new(upgrade.await.unwrap());
                    tunnel.write_all(b"welcome").await.unwrap();
                    tunnel.shutdown().await.unwrap();
                    let mut got = String::new();
                    tokio::select! {
                        read = tunnel.read_to_string(&mut got) => stage.saw(format!("{read:?} {got}")),
                        () = soft.cancelled() => stage.saw("told to end".to_owned()),
                    }
                });
                let response = Response::builder().status(101).header("connection", "upgrade").header("upgrade", "websocket");
                response.body(Full::default().boxed()).unwrap()
            }
            "/endless" => {
                let held = self.stage.answering.clone();
                self.stage.arrived.notify_one();
                let chunks = futures_util::stream::unfold(held, |held| async {
                    Some((Ok(Frame::data(Bytes::from_static(&[b'x'; 16 * 1024]))), held))
                });
                Response::new(StreamBody::new(chunks).boxed())
            }
            _ => text(200, format!("{} {} {:?} {:?}", self.name, connection.peer.ip(), connection.sni, connection.protocol)),
        }
    }

    fn fault(&self, fault: Fault, (): &mut ()) -> Response<Body> {
        text(fault.status().as_u16(), format!("{fault:?}"))
    }
}

/// A handler for listeners that nobody asks anything.
pub struct Mute;

impl Handler for Mute {
    type Body = Body;
    type Note = ();

    fn begin(&self, _: &Connection, _: &Request<Incoming>) {}

    async fn handle(&self, _: &Rc<Connection>, _: Request<Incoming>, (): &mut ()) -> Response<Body> {
        text(500, "asked after all")
    }

    fn fault(&self, fault: Fault, (): &mut ()) -> Response<Body> {
        text(fault.status().as_u16(), "")
    }
}
