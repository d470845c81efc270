//! The conversation with the editor.

use std::collections::BTreeMap;
use std::io::{self, BufReader};
use std::path::Path;
use std::sync::mpsc::{Receiver, TryRecvError, sync_channel};

use lsp_server::{ErrorCode, Message, Notification, Request, RequestId, Response};
use lsp_types::{
    CompletionOptions, CompletionParams, Diagnostic, DidChangeTextDocumentParams,
    DidCloseTextDocumentParams, DidOpenTextDocumentParams, DocumentFormattingParams,
    GotoDefinitionParams, Hover, HoverContents, HoverParams, HoverProviderCapability,
    InitializeResult, Location, MarkupContent, MarkupKind, OneOf, PublishDiagnosticsParams,
    ServerCapabilities, ServerInfo, TextDocumentPositionParams, TextDocumentSyncCapability,
    TextDocumentSyncKind, TextEdit, Uri,
};
use serde::de::DeserializeOwned;
use serde_json::Value as Json;

use super::documents::{Document, Documents};
use super::position::{offset, range, whole};
use super::{complete, definition, hover, message, problems};
use crate::engine::{inspect, language};
use crate::language::{Environment, FileKind, Language, Node, Problems, format, yaml};
use crate::shown::{self, terminal::Stream};

/// Messages that are read before they are answered.
const AHEAD: usize = 64;

/// Answers an editor on standard input and output until it says `exit`: whether it had
/// asked to shut down before. `environment` says what a file may do.
///
/// # Errors
/// When a message cannot be read or sent.
pub fn serve(environment: impl Fn(&Path) -> Environment) -> io::Result<bool> {
    let (send, messages) = sync_channel(AHEAD);
    std::thread::spawn(move || {
        let mut input = BufReader::new(io::stdin());
        loop {
            let read = message::read(&mut input);
            let is_last = !matches!(read, Ok(Some(_)));
            if send.send(read).is_err() || is_last {
                return;
            }
        }
    });
    let mut server = Server {
        documents: Documents::default(),
        environment,
        language: language(),
        published: BTreeMap::new(),
        state: State::New,
        is_stale: false,
    };
    server.run(&messages)
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    New,
    Ready,
    ShutDown,
}

struct Server<E> {
    documents: Documents,
    environment: E,
    language: Language,
    /// What the editor was told of each file.
    published: BTreeMap<String, Vec<Diagnostic>>,
    state: State,
    /// Something has changed since then.
    is_stale: bool,
}

impl<E: Fn(&Path) -> Environment> Server<E> {
    fn run(&mut self, messages: &Receiver<io::Result<Option<Message>>>) -> io::Result<bool> {
        loop {
            // Files are looked at once the editor is quiet.
            let next = match messages.try_recv() {
                Err(TryRecvError::Empty) => {
                    self.publish()?;
                    messages.recv().map_err(|_| TryRecvError::Disconnected)
                }
                other => other,
            };
            let Ok(next) = next else { return Ok(false) };
            match next? {
                Some(Message::Request(request)) => {
                    let response = self.answer(request);
                    send(Message::Response(response))?;
                }
                Some(Message::Notification(note)) if note.method == "exit" => {
                    return Ok(self.state == State::ShutDown);
                }
                Some(Message::Notification(note)) => self.note(note),
                // Nothing was asked of the editor.
                Some(Message::Response(_)) => {}
                None => return Ok(false),
            }
        }
    }

    fn note(&mut self, note: Notification) {
        match note.method.as_str() {
            "textDocument/didOpen" => {
                if let Some(told) = read::<DidOpenTextDocumentParams>(note.params) {
                    let opened = told.text_document;
                    self.documents.put(opened.uri, opened.text);
                    self.is_stale = true;
                }
            }
            "textDocument/didChange" => {
                if let Some(mut told) = read::<DidChangeTextDocumentParams>(note.params)
                    && let Some(change) = told.content_changes.pop()
                {
                    self.documents.put(told.text_document.uri, change.text);
                    self.is_stale = true;
                }
            }
            "textDocument/didClose" => {
                if let Some(told) = read::<DidCloseTextDocumentParams>(note.params) {
                    self.documents.remove(&told.text_document.uri);
                    self.is_stale = true;
                }
            }
            // A file beside the open ones may be another one now.
            "textDocument/didSave" | "workspace/didChangeWatchedFiles" => self.is_stale = true,
            _ => {}
        }
    }

    fn answer(&mut self, request: Request) -> Response {
        let Request { id, method, params } = request;
        match (method.as_str(), self.state) {
            ("initialize", State::New) => {
                self.state = State::Ready;
                reply(id, Some(initialized()))
            }
            (_, State::New) => {
                let code = ErrorCode::ServerNotInitialized;
                refuse(id, code, "the first request is `initialize`")
            }
            (_, State::ShutDown) | ("initialize", State::Ready) => {
                refuse(id, ErrorCode::InvalidRequest, "not now")
            }
            ("shutdown", State::Ready) => {
                self.state = State::ShutDown;
                reply(id, None::<()>)
            }
            ("textDocument/hover", _) => asked(id, params, |it: HoverParams| {
                self.hover(&it.text_document_position_params)
            }),
            ("textDocument/completion", _) => asked(id, params, |it: CompletionParams| {
                let (document, at) = self.place(&it.text_document_position)?;
                Some(complete::complete(&document.source, at, &self.language))
            }),
            ("textDocument/definition", _) => asked(id, params, |it: GotoDefinitionParams| {
                self.definition(&it.text_document_position_params)
            }),
            ("textDocument/formatting", _) => asked(id, params, |it: DocumentFormattingParams| {
                self.format(&it.text_document.uri)
            }),
            _ => {
                let said = format!("`{method}` is not known here");
                refuse(id, ErrorCode::MethodNotFound, &said)
            }
        }
    }

    fn place(&self, asked: &TextDocumentPositionParams) -> Option<(&Document, usize)> {
        let document = self.documents.get(&asked.text_document.uri)?;
        Some((document, offset(document.source.text(), asked.position)))
    }

    fn hover(&self, asked: &TextDocumentPositionParams) -> Option<Hover> {
        let (document, at) = self.place(asked)?;
        let source = &document.source;
        let (value, span) = hover::hover(
            &root(document)?,
            source.text(),
            at,
            FileKind::of(source),
            &self.language,
        )?;
        Some(Hover {
            contents: HoverContents::Markup(MarkupContent {
                kind: MarkupKind::Markdown,
                value,
            }),
            range: Some(range(source, span)),
        })
    }

    fn definition(&self, asked: &TextDocumentPositionParams) -> Option<Location> {
        let (document, at) = self.place(asked)?;
        let found = definition::definition(
            &root(document)?,
            &document.source,
            at,
            FileKind::of(&document.source),
            &self.language,
            &self.environment(document.path.as_deref()?),
        )?;
        let uri = self.documents.uri_of(Path::new(found.source.name()))?;
        Some(Location::new(uri, range(&found.source, found.span)))
    }

    /// Nothing, when there is nothing to change, or the text cannot be read.
    fn format(&self, uri: &Uri) -> Option<Vec<TextEdit>> {
        let source = &self.documents.get(uri)?.source;
        let text = format(source).ok().filter(|text| text != source.text())?;
        Some(vec![TextEdit::new(whole(source), text)])
    }

    /// What a file may do, and the texts that are open.
    fn environment(&self, file: &Path) -> Environment {
        (self.environment)(file).opening(self.documents.texts())
    }

    /// Tells what is wrong with the open files and those that they name, where that is
    /// not what was told before.
    fn publish(&mut self) -> io::Result<()> {
        if !std::mem::take(&mut self.is_stale) {
            return Ok(());
        }
        let mut found: BTreeMap<String, Vec<Diagnostic>> = BTreeMap::new();
        for document in self.documents.iter() {
            let name = document.uri.as_str().to_owned();
            found.entry(name).or_default();
            // Files in YAML of other programs are none of ours.
            let Some(path) = document.path.as_deref() else {
                continue;
            };
            if FileKind::told(&document.source).is_none() {
                continue;
            }
            let Ok(inspected) = inspect(path, &self.environment(path)) else {
                continue;
            };
            for (file, problems) in problems::by_file(&inspected) {
                let Some(uri) = self.documents.uri_of(&file) else {
                    continue;
                };
                let known = found.entry(uri.as_str().to_owned()).or_default();
                for problem in problems {
                    if !known.contains(&problem) {
                        known.push(problem);
                    }
                }
            }
        }
        let gone = self
            .published
            .keys()
            .filter(|uri| !found.contains_key(*uri));
        let gone: Vec<String> = gone.cloned().collect();
        found.extend(gone.into_iter().map(|uri| (uri, Vec::new())));
        for (uri, problems) in &found {
            if self.published.get(uri) != Some(problems)
                && let Ok(uri) = uri.parse()
            {
                let told = PublishDiagnosticsParams::new(uri, problems.clone(), None);
                let method = "textDocument/publishDiagnostics".to_owned();
                send(Message::Notification(Notification::new(method, told)))?;
            }
        }
        // What is right and not open is not spoken of again.
        let open = |uri: &str| self.documents.iter().any(|it| it.uri.as_str() == uri);
        found.retain(|uri, problems| !problems.is_empty() || open(uri));
        self.published = found;
        Ok(())
    }
}

fn root(document: &Document) -> Option<Node> {
    yaml::load(&document.source, &mut Problems::default())
}

fn initialized() -> InitializeResult {
    let triggers = [" ", "-", "{", "[", ".", "|", "\"", "\n"];
    InitializeResult {
        capabilities: ServerCapabilities {
            text_document_sync: Some(TextDocumentSyncCapability::Kind(TextDocumentSyncKind::FULL)),
            hover_provider: Some(HoverProviderCapability::Simple(true)),
            completion_provider: Some(CompletionOptions {
                trigger_characters: Some(triggers.map(str::to_owned).into()),
                ..CompletionOptions::default()
            }),
            definition_provider: Some(OneOf::Left(true)),
            document_formatting_provider: Some(OneOf::Left(true)),
            ..ServerCapabilities::default()
        },
        server_info: Some(ServerInfo {
            name: "rehearse".to_owned(),
            version: Some(env!("CARGO_PKG_VERSION").to_owned()),
        }),
    }
}

fn read<P: DeserializeOwned>(params: Json) -> Option<P> {
    serde_json::from_value(params).ok()
}

fn asked<P: DeserializeOwned, R: serde::Serialize>(
    id: RequestId,
    params: Json,
    answer: impl FnOnce(P) -> Option<R>,
) -> Response {
    match serde_json::from_value(params) {
        Ok(params) => reply(id, answer(params)),
        Err(error) => refuse(id, ErrorCode::InvalidParams, &error.to_string()),
    }
}

fn reply(id: RequestId, result: Option<impl serde::Serialize>) -> Response {
    Response::new_ok(id, result)
}

fn refuse(id: RequestId, code: ErrorCode, said: &str) -> Response {
    Response::new_err(id, code as i32, said.to_owned())
}

fn send(message: Message) -> io::Result<()> {
    let mut json = serde_json::to_value(message).map_err(io::Error::other)?;
    if let Json::Object(json) = &mut json {
        json.insert("jsonrpc".to_owned(), "2.0".into());
    }
    Stream::Out.write_message(&shown::json(json.to_string()))
}
