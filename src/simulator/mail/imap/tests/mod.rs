//! The server as a client sees it: conversations with a session, and what only
//! a socket shows.

mod conversation;
mod fetching;
mod news;
mod searching;
mod socket;
