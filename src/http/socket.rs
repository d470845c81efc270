//! A WebSocket (RFC 6455), once a request has opened it. Its frames are
//! `tungstenite`'s.

use futures_util::{SinkExt, StreamExt};
use reqwest::StatusCode;
use reqwest::header::{
    CONNECTION, HeaderValue, SEC_WEBSOCKET_ACCEPT, SEC_WEBSOCKET_KEY, SEC_WEBSOCKET_VERSION,
    UPGRADE,
};
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::error::CapacityError;
use tokio_tungstenite::tungstenite::handshake::client::generate_key;
use tokio_tungstenite::tungstenite::handshake::derive_accept_key;
use tokio_tungstenite::tungstenite::protocol::{CloseFrame, Role, WebSocketConfig};
use tokio_tungstenite::tungstenite::{Error, Message, Utf8Bytes};

use super::connection::{Answer, Open, Stream, Switched};
use super::{Call, Failure, Fault, Statuses};
use crate::ceilings;
use crate::numbers::size;

/// Bytes that are kept to read into.
const BUFFER: usize = 8 * 1024;

/// A WebSocket that is open. Dropped, its connection is closed without a word.
pub struct Socket {
    stream: WebSocketStream<Stream>,
    open: Open,
}

/// Why a socket is of no more use.
#[derive(Debug, thiserror::Error)]
pub enum SocketEnd {
    /// The server has closed it.
    #[error("the server closed it{}", told(.0.as_ref()))]
    Closed(Option<(u16, String)>),
    /// Its connection has ended or broken.
    #[error("its connection broke: {0}")]
    Broken(String),
    /// A message with more bytes than it may have.
    #[error("a message is longer than {}", size(ceilings::SOCKET_MESSAGE as u64))]
    TooLong,
}

fn told(frame: Option<&(u16, String)>) -> String {
    match frame {
        Some((code, reason)) if reason.is_empty() => format!(" with code {code}"),
        Some((code, reason)) => format!(" with code {code}: {reason}"),
        None => String::new(),
    }
}

/// The request for a socket, and what the server must answer to it.
pub(super) fn asking(call: Call) -> (Call, String) {
    let key = generate_key();
    let accepted = derive_accept_key(key.as_bytes());
    let mut call = call
        .header(CONNECTION, HeaderValue::from_static("Upgrade"))
        .header(UPGRADE, HeaderValue::from_static("websocket"))
        .header(SEC_WEBSOCKET_VERSION, HeaderValue::from_static("13"))
        .expect(Statuses::switching());
    // Base64 is always a valid header.
    if let Ok(key) = HeaderValue::from_str(&key) {
        call = call.header(SEC_WEBSOCKET_KEY, key);
    }
    (call, accepted)
}

/// The answer, unless it agrees to something else than was asked for.
pub(super) fn accepted(answer: Answer, accepted: &str) -> Result<Answer, Failure> {
    let values = answer.headers.map().get_all(SEC_WEBSOCKET_ACCEPT);
    let is_ours = values.iter().any(|value| value == accepted);
    if answer.status == StatusCode::SWITCHING_PROTOCOLS && !is_ours {
        return Err(no_switch());
    }
    Ok(answer)
}

/// The server says that it opens a socket, and does not.
pub(super) fn no_switch() -> Failure {
    Failure::Transport {
        fault: Fault::Protocol,
        reason: "the server does not agree to the WebSocket that was asked for".into(),
    }
}

impl Socket {
    pub(super) async fn new(switched: Switched) -> Self {
        let Switched {
            stream,
            heard,
            open,
        } = switched;
        let config = WebSocketConfig::default()
            .read_buffer_size(BUFFER)
            .write_buffer_size(0)
            .max_message_size(Some(ceilings::SOCKET_MESSAGE))
            .max_frame_size(Some(ceilings::SOCKET_MESSAGE));
        let heard = heard.to_vec();
        let stream =
            WebSocketStream::from_partially_read(stream, heard, Role::Client, Some(config)).await;
        Self { stream, open }
    }

    /// Sends a text.
    ///
    /// # Errors
    /// When the socket is of no more use.
    pub async fn send(&mut self, text: String) -> Result<(), SocketEnd> {
        let sent = self.stream.send(Message::text(text)).await;
        sent.map_err(|error| self.ended(&error))
    }

    /// The next text or bytes. Control frames are answered.
    ///
    /// # Errors
    /// When the socket is of no more use.
    pub async fn next(&mut self) -> Result<Utf8Bytes, SocketEnd> {
        loop {
            let message = match self.stream.next().await {
                Some(Ok(message)) => message,
                Some(Err(error)) => return Err(self.ended(&error)),
                None => return Err(self.closed(None)),
            };
            match message {
                Message::Text(text) => return Ok(text),
                Message::Close(frame) => return Err(self.closed(frame)),
                Message::Binary(_) => {
                    let other = "bytes came where a text was expected";
                    return Err(SocketEnd::Broken(other.into()));
                }
                Message::Ping(_) | Message::Pong(_) | Message::Frame(_) => {}
            }
        }
    }

    /// Says good-bye. The answer is not waited for.
    pub async fn close(mut self) {
        // Whoever is gone already is not told.
        let _ = self.stream.close(None).await;
    }

    fn closed(&mut self, frame: Option<CloseFrame>) -> SocketEnd {
        self.open.close_by_server();
        SocketEnd::Closed(frame.map(|frame| (frame.code.into(), frame.reason.to_string())))
    }

    fn ended(&mut self, error: &Error) -> SocketEnd {
        match error {
            Error::ConnectionClosed | Error::AlreadyClosed => self.closed(None),
            Error::Capacity(CapacityError::MessageTooLong { .. }) => SocketEnd::TooLong,
            error => {
                self.open.close_by_server();
                SocketEnd::Broken(error.to_string())
            }
        }
    }
}

/// A socket, and the server at its other end.
#[cfg(test)]
pub(crate) async fn in_memory() -> (Socket, WebSocketStream<tokio::io::DuplexStream>) {
    let (here, there) = tokio::io::duplex(64 * 1024);
    let server = WebSocketStream::from_raw_socket(there, Role::Server, None);
    (Socket::new(Switched::in_memory(here)).await, server.await)
}

#[cfg(test)]
mod tests {
    use futures_util::{SinkExt, StreamExt};
    use tokio_tungstenite::tungstenite::Message;
    use tokio_tungstenite::tungstenite::protocol::CloseFrame;

    use super::in_memory;
    use crate::ceilings;

    /// What becomes of a socket whose server says this.
    async fn ended_by(said: Message) -> String {
        let (mut socket, mut server) = in_memory().await;
        let saying = tokio::spawn(async move {
            // Who has heard enough is gone.
            let _ = server.send(said).await;
            server
        });
        let end = socket.next().await.unwrap_err().to_string();
        drop(socket);
        drop(saying.await.unwrap());
        end
    }

    #[tokio::test]
    async fn a_message_on_a_socket_has_a_ceiling() {
        let long = "x".repeat(ceilings::SOCKET_MESSAGE + 1);
        let end = ended_by(Message::text(long)).await;
        assert_eq!(end, "a message is longer than 16 MiB");
    }

    #[tokio::test]
    async fn why_a_socket_ends_is_told() {
        let frame = |reason: &'static str| CloseFrame {
            code: 1008.into(),
            reason: reason.into(),
        };
        for (said, end) in [
            (Message::Close(None), "the server closed it"),
            (
                Message::Close(Some(frame("no"))),
                "the server closed it with code 1008: no",
            ),
            (
                Message::Close(Some(frame(""))),
                "the server closed it with code 1008",
            ),
            (
                Message::binary(vec![1]),
                "its connection broke: bytes came where a text was expected",
            ),
        ] {
            assert_eq!(ended_by(said).await, end);
        }
        let (mut socket, server) = in_memory().await;
        drop(server);
        let end = socket.next().await.unwrap_err().to_string();
        assert!(end.starts_with("its connection broke: "), "{end}");
    }

    #[tokio::test]
    async fn texts_go_both_ways_and_pings_are_answered() {
        let (mut socket, mut server) = in_memory().await;
        server.send(Message::Ping(vec![7].into())).await.unwrap();
        server.send(Message::text("ping")).await.unwrap();
        assert_eq!(socket.next().await.unwrap(), "ping");
        socket.send("pong".into()).await.unwrap();
        let mut said = Vec::new();
        while said.len() < 2 {
            said.push(server.next().await.unwrap().unwrap());
        }
        assert!(said.contains(&Message::Pong(vec![7].into())), "{said:?}");
        assert!(said.contains(&Message::text("pong")), "{said:?}");
    }
}
