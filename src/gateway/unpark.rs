//! *Send it now* has answered 307, and the browser brings our own form to the address of the portal: thrown away here, and the
//! request that was kept goes on in its place, once. A form of ours never reaches an upstream, with a ticket or without.

use std::net::IpAddr;
use std::time::Duration;

use bytes::Bytes;
use http::request::Parts;
use http::{HeaderMap, Method, Response};
use hyper::body::Incoming;
use tracing::Instrument as _;

use crate::access::Permit;
use crate::clock::Reading;
use crate::gateway::body::{self, Body, Extent, Unread};
use crate::gateway::live::Live;
use crate::gateway::note::Note;
use crate::gateway::own::MAX_FORM;
use crate::gateway::refuse::{self, Reader};
use crate::gateway::{Gateway, Shared};
use crate::http::audience::Audience;
use crate::http::client_ip::Origin;
use crate::http::cookie;
use crate::http::reject::{self, Refusal};
use crate::pages::origin;
use crate::park::{self, Sending, Whose};
use crate::ports::Token;
use crate::proxy::{Failure, ForwardContext, ForwardedBody, Proxy, RequestBody};
use crate::session::table::Found;
use crate::telemetry::Stopwatch;

/// How long a short form may take to arrive.
const READ_TIME: Duration = Duration::from_mins(1);
/// A form of ours at an address of the portal.
const FOREIGN_FORM: Refusal = Refusal { words: "refused-foreign", ..Refusal::FORBIDDEN };
/// The page that shows what waits.
const PARKED: &str = "/.vestibule/parked";

/// What a permitted request brings.
enum Brought {
    /// A body for the portal.
    Theirs(RequestBody),
    /// A form of ours.
    Ours,
}

/// What became of a ticket.
enum Spent {
    Answer(Box<Response<ForwardedBody>>),
    Failed(Failure),
    /// It is good for nothing here, or no more.
    Nothing,
    /// The store gave no answer.
    Away,
}

impl Gateway {
    /// Everything that may pass goes through here, and a form of ours no further.
    #[expect(clippy::too_many_arguments, reason = "one request, taken apart once, by the one caller that has all of it")]
    pub(super) async fn pass(
        &self,
        live: &Live,
        passed: (Permit, Option<Found>),
        head: &mut Parts,
        body: Incoming,
        from: (IpAddr, Origin),
        now: Reading,
        note: &mut Note,
    ) -> Response<Body> {
        if !may_be_ours(head) {
            return self.forward(live, passed, head, body.into(), from, note).await;
        }
        // Whoever holds back the end of it passes no more than anybody else, once the permit does not stand.
        match Box::pin(self.proxy.while_standing(&passed.0, look_into(&head.headers, body))).await {
            Ok(Ok(Brought::Theirs(body))) => self.forward(live, passed, head, body, from, note).await,
            Ok(Ok(Brought::Ours)) => Box::pin(self.send_parked(live, passed, head, from, now, note)).await,
            Ok(Err(unread)) => {
                let refusal = Refusal::from(unread);
                note.cause(refusal.cause());
                refuse::plainly(live, &refusal, Reader::of(&head.headers), None, note)
            }
            Err(failure) => refuse::upstream(live, passed.0.target(), head, &failure, note),
        }
    }

    async fn send_parked(
        &self,
        live: &Live,
        (permit, found): (Permit, Option<Found>),
        head: &mut Parts,
        (peer, from): (IpAddr, Origin),
        now: Reading,
        note: &mut Note,
    ) -> Response<Body> {
        note.cause("own-form");
        let person = Audience::of(&head.headers).navigates();
        if !person || !origin::form_allowed(&head.headers, refuse::home(permit.target())) {
            return refuse::plainly(live, &FOREIGN_FORM, Reader::of(&head.headers), None, note);
        }
        let show = || reject::see_other(PARKED).map(Body::from);
        let (Some(ticket), Some(found)) = (cookie::token(&head.headers, cookie::PARK), found) else { return show() };
        let target = permit.target().clone();
        let sender = Sender {
            proxy: self.proxy.clone(),
            shared: std::sync::Arc::clone(&self.shared),
            head: head.clone(),
            context: Self::context(peer, from, None, note),
            now,
        };
        let watch = Stopwatch::start();
        // On its own: who clicks twice goes away from the first answer, and what was begun is brought to its end all the same.
        let span = tracing::error_span!("park", request_id = %note.request_id);
        let spent = tokio::task::spawn_local(sender.spend(permit, found.clone(), ticket).instrument(span)).await;
        let spent = spent.unwrap_or_else(|error| {
            refuse::died("the sending of a parked request", &error);
            Spent::Away
        });
        match spent {
            Spent::Answer(response) => {
                note.cause("parked-sent");
                self.answered(live, &target, Some(found), head, (Ok(*response), watch), from, note).await
            }
            Spent::Failed(failure) => {
                let _ = refuse::upstream(live, &target, head, &failure, note);
                show()
            }
            Spent::Nothing => show(),
            Spent::Away => {
                note.cause("park-away");
                refuse::plainly(live, &AWAY, Reader::of(&head.headers), None, note)
            }
        }
    }
}

const AWAY: Refusal = Refusal { words: "parked-not-now", ..Refusal::STORE_DOWN };

/// What the sending of one request needs, apart from the request that brought the ticket.
struct Sender {
    proxy: Proxy,
    shared: std::sync::Arc<Shared>,
    head: Parts,
    context: ForwardContext,
    now: Reading,
}

impl Sender {
    async fn spend(self, permit: Permit, found: Found, ticket: Token) -> Spent {
        let door = &self.shared.park;
        let (park, now, client, target) = (door.park.clone(), self.now, self.context.client, permit.target().clone());
        let claiming = async move {
            let session = &found.session;
            let whose =
                Whose { account: session.account.id, session: session.id, browser: None, portal: target.portal.name.to_string() };
            let login = session.account.view().row.login.clone();
            park.claim(&whose, (&ticket, &login), (target.host.as_str(), target.path_and_query().as_str()), client, now).await
        };
        let Some(claimed) = door.calls.known(claiming).await else { return Spent::Away };
        let Some(sending) = claimed else { return Spent::Nothing };
        self.send(permit, sending).await
    }

    async fn send(self, permit: Permit, mut sending: Sending) -> Spent {
        let Self { proxy, shared, mut head, context, .. } = self;
        sending.head.apply(&mut head.headers);
        let body = Bytes::from(std::mem::take(&mut *sending.body));
        let answer = proxy.forward(permit, &head, body.into(), context).await;
        let (park, id) = (shared.park.park.clone(), sending.id);
        // The status; or that it waits again; or nothing, where nobody can know.
        let outcome = match &answer {
            Ok(response) => Some(Some(response.status().as_u16())),
            // The whole body is at hand, so that its size is judged before anything is sent.
            Err(failure) if failure.is_unsent() || matches!(failure, Failure::BodyTooLarge(_)) => Some(None),
            Err(_) => None,
        };
        if let Some(answered) = outcome {
            shared.park.calls.to_the_end(async move { park.settle(id, answered).await }).await;
        }
        match answer {
            Ok(response) => Spent::Answer(Box::new(response)),
            Err(failure) => Spent::Failed(failure),
        }
    }
}

/// Whether the body has to be looked into: only what is short and says that it is a form.
fn may_be_ours(head: &Parts) -> bool {
    let short = body::announced(head).is_none_or(|length| usize::try_from(length).is_ok_and(|length| length <= MAX_FORM));
    head.method == Method::POST && short && park::may_be_our_form(&head.headers)
}

/// Whether the body is a form of ours. The portal gets the same bytes afterwards.
async fn look_into(headers: &HeaderMap, mut body: Incoming) -> Result<Brought, Unread> {
    Ok(match body::begin(&mut body, MAX_FORM, READ_TIME).await? {
        Extent::Whole(read) if park::is_our_form(headers, &read) => Brought::Ours,
        Extent::Whole(read) => Brought::Theirs(read.into()),
        Extent::Beginning(read) => Brought::Theirs(RequestBody::Begun(read, body)),
    })
}
