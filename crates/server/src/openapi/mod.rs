//! The API document (OpenAPI 3.1), made from the same table the router is made from and from the model of the workspace.
//!
//! [`Api`] adds a handler to the router and its description to the table in one call, so neither can be without the other.

mod document;
mod model;
mod schemas;

use axum::{Router, handler::Handler, http::Method, routing};

use crate::App;

pub use document::document;

/// The document of the shipped model as it stands in `docs/openapi.json`: one operation or schema a line, so that changes are
/// read line by line.
#[must_use]
pub fn committed(model: &rapport_schema::Model) -> String {
    let doc = document(&crate::routes::table(), model);
    let mut out = String::new();
    lines(&doc, 0, 2, &mut out);
    out.push('\n');
    out
}

/// Objects down to a depth are written member by member, what lies below on one line.
fn lines(v: &serde_json::Value, at: usize, depth: usize, out: &mut String) {
    match v.as_object() {
        Some(m) if at <= depth && !m.is_empty() => {
            out.push_str("{\n");
            for (i, (k, v)) in m.iter().enumerate() {
                out.push_str(&" ".repeat(at + 1));
                out.push_str(&serde_json::Value::from(k.as_str()).to_string());
                out.push_str(": ");
                lines(v, at + 1, depth, out);
                out.push_str(if i + 1 < m.len() { ",\n" } else { "\n" });
            }
            out.push_str(&" ".repeat(at));
            out.push('}');
        }
        _ => out.push_str(&v.to_string()),
    }
}

/// Type of a query parameter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Text.
    Text,
    /// Whole number.
    Int,
    /// Yes or no.
    Flag,
    /// One of.
    Choice(&'static [&'static str]),
}

/// A query parameter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Param {
    /// Name.
    pub name: &'static str,
    /// What it says.
    pub what: &'static str,
    /// Type.
    pub kind: Kind,
}

impl Param {
    /// Text.
    #[must_use]
    pub const fn text(name: &'static str, what: &'static str) -> Self {
        Self { name, what, kind: Kind::Text }
    }
    /// Whole number.
    #[must_use]
    pub const fn int(name: &'static str, what: &'static str) -> Self {
        Self { name, what, kind: Kind::Int }
    }
    /// Yes or no.
    #[must_use]
    pub const fn flag(name: &'static str, what: &'static str) -> Self {
        Self { name, what, kind: Kind::Flag }
    }
    /// One of.
    #[must_use]
    pub const fn choice(name: &'static str, what: &'static str, of: &'static [&'static str]) -> Self {
        Self { name, what, kind: Kind::Choice(of) }
    }
}

/// What a request carries.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Body {
    /// Nothing.
    None,
    /// JSON of a named schema.
    Json(&'static str),
    /// A form with a file.
    Multipart,
}

/// What an answer carries.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answer {
    /// 204.
    Nothing,
    /// JSON of a named schema.
    Json(u16, &'static str),
    /// Something else.
    Media(&'static str),
}

/// Description of a route.
#[derive(Debug, Clone)]
pub struct Doc {
    /// Operation id.
    pub id: &'static str,
    /// Group.
    pub tag: &'static str,
    /// English.
    pub en: &'static str,
    /// Chinese.
    pub zh: &'static str,
    /// Answers without sign-in.
    pub open: bool,
    /// Query parameters.
    pub query: Vec<Param>,
    /// Takes `If-Match`.
    pub if_match: bool,
    /// Request.
    pub body: Body,
    /// Answer.
    pub answer: Answer,
}

impl Doc {
    /// A route for signed-in callers without parameters and bodies.
    #[must_use]
    pub fn new(id: &'static str, tag: &'static str, en: &'static str, zh: &'static str) -> Self {
        Self { id, tag, en, zh, open: false, query: vec![], if_match: false, body: Body::None, answer: Answer::Nothing }
    }
    /// For everybody.
    #[must_use]
    pub fn open(mut self) -> Self {
        self.open = true;
        self
    }
    /// Query parameters.
    #[must_use]
    pub fn query(mut self, q: &[Param]) -> Self {
        self.query = q.to_vec();
        self
    }
    /// Takes `If-Match`.
    #[must_use]
    pub fn if_match(mut self) -> Self {
        self.if_match = true;
        self
    }
    /// Takes JSON.
    #[must_use]
    pub fn body(mut self, schema: &'static str) -> Self {
        self.body = Body::Json(schema);
        self
    }
    /// Takes a form.
    #[must_use]
    pub fn multipart(mut self) -> Self {
        self.body = Body::Multipart;
        self
    }
    /// Answers 200 with JSON.
    #[must_use]
    pub fn answer(mut self, schema: &'static str) -> Self {
        self.answer = Answer::Json(200, schema);
        self
    }
    /// Answers 201 with JSON.
    #[must_use]
    pub fn created(mut self, schema: &'static str) -> Self {
        self.answer = Answer::Json(201, schema);
        self
    }
    /// Answers 202 with JSON: the work goes on.
    #[must_use]
    pub fn accepted(mut self, schema: &'static str) -> Self {
        self.answer = Answer::Json(202, schema);
        self
    }
    /// Answers 204.
    #[must_use]
    pub fn nothing(mut self) -> Self {
        self.answer = Answer::Nothing;
        self
    }
    /// Answers 200 with another medium.
    #[must_use]
    pub fn answers_with(mut self, media: &'static str) -> Self {
        self.answer = Answer::Media(media);
        self
    }
}

/// One route of the table.
#[derive(Debug, Clone)]
pub struct Route {
    /// Method.
    pub method: Method,
    /// Path with parameters in braces.
    pub path: &'static str,
    /// Description.
    pub doc: Doc,
}

/// Router and table, grown together.
#[derive(Default)]
pub struct Api {
    pub(crate) router: Router<App>,
    pub(crate) docs: Vec<Route>,
}

impl std::fmt::Debug for Api {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Api").field("routes", &self.docs.len()).finish()
    }
}

macro_rules! verb {
    ($(#[$m:meta])* $name:ident, $method:expr) => {
        $(#[$m])*
        #[must_use]
        pub fn $name<H, T>(mut self, path: &'static str, handler: H, doc: Doc) -> Self
        where
            H: Handler<T, App>,
            T: 'static,
        {
            self.router = self.router.route(path, routing::$name(handler));
            self.docs.push(Route { method: $method, path, doc });
            self
        }
    };
}

impl Api {
    verb!(
        /// Adds a GET route.
        get,
        Method::GET
    );
    verb!(
        /// Adds a POST route.
        post,
        Method::POST
    );
    verb!(
        /// Adds a PATCH route.
        patch,
        Method::PATCH
    );
    verb!(
        /// Adds a DELETE route.
        delete,
        Method::DELETE
    );
}

#[cfg(test)]
mod tests;
