//! One expression, compiled once and checked against what is known.

use std::fmt;
use std::ops::Range;

use minijinja::Value;
use minijinja::machinery::parse_expr;

use super::compare::{Clash, Mismatch, Missing, NO_ORDER, THERE};
use super::direct::Direct;
use super::environment::{ENVIRONMENT, FILTERS, TESTS};
use super::fake;
use super::foreign;
use super::infer::infer;
use super::membership;
use super::names::{MOST_EXPRESSIONS, Names};
use super::scope::{self, Scope};
use super::tokens::{self, Reference, Token};
use super::tree;
use super::types::Type;
use crate::ceilings;
use crate::language::names::suggestion;
use crate::language::node::Text;
use crate::language::problem::{Problem, Problems};
use crate::numbers::size;

/// Longest expression, in bytes. What people write has a hundred or two.
const LONGEST: usize = 10_000;

/// Why a template or expression has no value. No message holds a secret.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TemplateError {
    /// Something that is not there.
    #[error("`{0}` is not defined")]
    Undefined(String),
    /// A secret where a text is made.
    #[error("`{0}` is a secret: it can be compared and passed on whole, not put into a text")]
    Secret(String),
    /// A mapping with secrets in it, as a whole.
    #[error("`{0}` is a mapping with secrets in it: name the one of its values that is meant")]
    HasSecrets(String),
    /// `in` of a secret, or of a list of secrets.
    #[error(
        "`{0}` is a secret, or has secrets in it: they can be equal or different, nobody can look into them"
    )]
    Hidden(String),
    /// A list, mapping or null where a text is made.
    #[error("`{expression}` is {kind}, not a text")]
    NotText {
        /// The expression.
        expression: String,
        /// What it is.
        kind: String,
    },
    /// A comparison of what cannot be compared: what each side is, and what to
    /// write instead.
    #[error("{0}")]
    Mismatch(String),
    /// Everything else, in minijinja's words.
    #[error("`{expression}`: {reason}")]
    Failed {
        /// The expression.
        expression: String,
        /// Why it has no value.
        reason: String,
    },
}

/// A compiled expression.
pub(crate) struct Compiled {
    source: String,
    expression: minijinja::Expression<'static, 'static>,
    /// The short way to its value, if there is one.
    direct: Option<Box<Direct>>,
    /// What is told of it.
    about: Box<About>,
    /// Each `in` whose right side begins with a path.
    memberships: Vec<(Option<Path>, Path)>,
    /// It asks itself what is defined.
    tolerant: bool,
}

/// What is known of an expression, beside how to evaluate it.
struct About {
    /// What it gives.
    of: Type,
    /// What is compared with what, by the number of the comparison.
    sides: Vec<[String; 2]>,
    /// Paths such as `found.content.en`, which must lead somewhere: a misspelt
    /// name is an error even where nothing depends on it this time.
    paths: Vec<String>,
}

/// A path such as `found.content.en`, and its value.
type Path = (String, minijinja::Expression<'static, 'static>);

impl fmt::Debug for Compiled {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{{{{ {} }}}}", self.source)
    }
}

impl Compiled {
    /// Compiles a part of a text. Problems point into the text.
    pub(crate) fn read(
        text: &Text,
        range: Range<usize>,
        (names, problems): (&mut Names, &mut Problems),
    ) -> Option<Self> {
        let whole = text.text.get(range.clone())?;
        let source = whole.trim();
        let start = range.start + whole.len() - whole.trim_start().len();
        if source.is_empty() {
            let help = "write an expression, such as a variable's name";
            problems.push(Problem::inside(
                text,
                range,
                "there is no expression here",
                help,
            ));
            return None;
        }
        if source.len() > LONGEST {
            let message = format!("this expression has more than {LONGEST} characters");
            let help = "put parts of it into `vars`, or data into a feeder";
            problems.push(Problem::inside(text, start..start + 1, message, help));
            return None;
        }
        if !names.room_for_expression() {
            let message = format!("there are more than {MOST_EXPRESSIONS} expressions");
            let help =
                "each is kept ready for all users; libraries count as often as they are included";
            problems.push(Problem::inside(text, start..start + 1, message, help));
            return None;
        }
        let tokens: Vec<Token<'_>> = tokens::tokens(source).collect();
        let before = problems.len();
        check_symbols(&tokens, text, start, problems);
        if problems.len() > before {
            return None;
        }
        let tolerant = is_tolerant(&tokens);
        let references = tokens::references(&tokens);
        let checked = match compile_checked(source, &references, tolerant) {
            Ok(checked) => checked,
            Err(error) => {
                let at = error.range().unwrap_or(0..source.len());
                let at = at.start.min(source.len())..at.end.min(source.len());
                let message = format!("this is not an expression: {}", detail(&error));
                let example = "for example `found.content.en.stringValue == greeting`";
                let help = foreign::form(source).unwrap_or_else(|| example.to_owned());
                let place = start + at.start..start + at.end.max(at.start + 1);
                problems.push(Problem::inside(text, place, message, help));
                return None;
            }
        };
        check_names(
            &tokens,
            &references,
            (text, start),
            tolerant,
            (names, problems),
        );
        if problems.len() > before {
            return None;
        }
        let of = check_types(source, (text, start), (names, problems));
        if problems.len() > before {
            return None;
        }
        Some(Self {
            source: source.to_owned(),
            expression: checked.expression,
            direct: checked.direct,
            about: Box::new(About {
                of,
                ..checked.about
            }),
            memberships: sides_of_in(source, &tokens, &references),
            tolerant,
        })
    }

    /// The expression as written.
    pub(crate) fn source(&self) -> &str {
        &self.source
    }

    /// What it gives, as far as that is known.
    pub(crate) fn of(&self) -> &Type {
        &self.about.of
    }

    /// Its value; what is not defined is an error.
    pub(crate) fn eval(&self, scope: &Scope) -> Result<Value, TemplateError> {
        if let Some(value) = self.direct.as_ref().and_then(|it| it.value(scope)) {
            return Ok(value);
        }
        let root = scope.root();
        for (item, (path, container)) in &self.memberships {
            let item = item.as_ref().map(|(_, item)| self.run(item, root.clone()));
            let container = self.run(container, root.clone())?;
            if membership::is_hidden(item.transpose()?.as_ref(), &container) {
                return Err(TemplateError::Hidden(path.clone()));
            }
        }
        let value = self.run(&self.expression, root)?;
        if value.is_undefined() && !self.tolerant {
            return Err(TemplateError::Undefined(self.source.clone()));
        }
        Ok(value)
    }

    fn run(
        &self,
        expression: &minijinja::Expression<'static, 'static>,
        root: Value,
    ) -> Result<Value, TemplateError> {
        expression.eval(root).map_err(|error| self.explain(&error))
    }

    /// Why there is no value, in the words of the expression.
    #[cold]
    fn explain(&self, error: &minijinja::Error) -> TemplateError {
        let failed = |expression: &str, reason: String| TemplateError::Failed {
            expression: expression.to_owned(),
            reason,
        };
        let mut causes = std::iter::successors(Some(error as &dyn std::error::Error), |error| {
            error.source()
        });
        let cause = causes.find_map(|error| {
            let missing = error.downcast_ref::<Missing>().map(|Missing(at)| Err(*at));
            missing.or_else(|| error.downcast_ref::<Mismatch>().map(Ok))
        });
        let mismatch = match cause {
            Some(Ok(mismatch)) => mismatch,
            Some(Err(at)) => {
                let path = self.about.paths.get(at).unwrap_or(&self.source);
                return TemplateError::Undefined(path.clone());
            }
            None => return failed(&self.source, detail(error)),
        };
        let sides = mismatch
            .number
            .and_then(|number| self.about.sides.get(number));
        let Some([left, right]) = sides else {
            return failed(&self.source, mismatch.to_string());
        };
        let absent = if mismatch.is_left_undefined() {
            left
        } else {
            right
        };
        match mismatch.clash {
            Clash::Undefined => TemplateError::Undefined(absent.clone()),
            Clash::Hidden => TemplateError::Hidden(right.clone()),
            Clash::SecretOrder => failed(&self.source, NO_ORDER.to_owned()),
            Clash::Apart | Clash::Senseless => {
                TemplateError::Mismatch(mismatch.explain(left, right))
            }
        }
    }

    /// Names that are defined wherever this holds, because it asks for that and
    /// nothing else will do.
    pub(crate) fn assures(&self) -> Vec<String> {
        let tokens: Vec<Token<'_>> = tokens::tokens(&self.source).collect();
        if tokens
            .iter()
            .any(|token| matches!(token.text, "or" | "not" | "if" | "undefined"))
        {
            return Vec::new();
        }
        let references = tokens::references(&tokens);
        let asked = references.iter().filter_map(|reference| {
            let [(root, _), ..] = reference.words.as_slice() else {
                return None;
            };
            let (_, last) = reference.words.last()?;
            let rest = self.source.get(last.end..)?.trim_start();
            let rest = rest.strip_prefix("is ")?.trim_start();
            rest.starts_with("defined").then(|| (*root).to_owned())
        });
        asked.collect()
    }

    /// A side of this expression, without further checks.
    pub(crate) fn side(&self, range: Range<usize>) -> Option<Self> {
        let source = self.source.get(range)?;
        let tokens: Vec<Token<'_>> = tokens::tokens(source).collect();
        let references = tokens::references(&tokens);
        let checked = compile_checked(source, &references, self.tolerant).ok()?;
        Some(Self {
            source: source.to_owned(),
            expression: checked.expression,
            direct: checked.direct,
            about: Box::new(checked.about),
            memberships: sides_of_in(source, &tokens, &references),
            tolerant: self.tolerant,
        })
    }
}

fn compile(source: &str) -> Result<minijinja::Expression<'static, 'static>, minijinja::Error> {
    ENVIRONMENT.compile_expression_owned(source.to_owned())
}

/// An expression that looks at what it compares, and at what is there.
struct Checked {
    expression: minijinja::Expression<'static, 'static>,
    direct: Option<Box<Direct>>,
    about: About,
}

/// Compiles an expression. `lax` says that it asks itself what is there.
fn compile_checked(
    source: &str,
    references: &[Reference<'_>],
    lax: bool,
) -> Result<Checked, minijinja::Error> {
    let tree = match parse_expr(source) {
        Ok(tree) => tree,
        // It says what is wrong, and where.
        Err(error) => return Err(compile(source).err().unwrap_or(error)),
    };
    let refused = |message| minijinja::Error::new(minijinja::ErrorKind::SyntaxError, message);
    if !tree::fits(&tree) {
        return Err(refused(
            "it is nested too deep, or has too many operators".into(),
        ));
    }
    if let Some(word) = tree::stray_keyword(&tree) {
        return Err(refused(format!("`{word}` is no name")));
    }
    let mut paths = if lax {
        Vec::new()
    } else {
        paths(source, references)
    };
    // A comparison that is always made looks itself.
    let compared = tree::certainly_compared(source, &tree);
    paths.retain(|path| !compared.contains(&path.as_str()));
    let rewritten = tree::rewrite(source, &tree, lax);
    let guarded = match paths.as_slice() {
        [] => rewritten.source,
        [first, others @ ..] => {
            let others = others.join(", ");
            format!("({first} is {THERE}({others})) and ({})", rewritten.source)
        }
    };
    Ok(Checked {
        expression: compile(&guarded)?,
        direct: Direct::of(&tree).map(Box::new),
        about: About {
            of: Type::Any,
            sides: rewritten.sides,
            paths,
        },
    })
}

/// What an expression gives. Comparisons that cannot be meant, and names that
/// nothing has, are problems.
fn check_types(
    source: &str,
    (text, start): (&Text, usize),
    (names, problems): (&Names, &mut Problems),
) -> Type {
    let Ok(tree) = parse_expr(source) else {
        return Type::Any;
    };
    let (of, findings) = infer(source, &tree, names);
    for finding in findings {
        let at = start + finding.at.start..start + finding.at.end;
        let problem = Problem::inside(text, at, finding.message, finding.help).of(finding.rule);
        if finding.doubtful {
            problems.warn(problem);
        } else {
            problems.push(problem);
        }
    }
    of
}

/// What minijinja says, without the place, which is shown otherwise.
fn detail(error: &minijinja::Error) -> String {
    if error.kind() == minijinja::ErrorKind::OutOfFuel {
        return format!(
            "it makes or looks through more than an expression may: {} operations, or texts of {}",
            ceilings::EXPRESSION,
            size(ceilings::EXPRESSION * 64),
        );
    }
    match error.detail() {
        Some(detail) => detail.to_owned(),
        None => error.kind().to_string(),
    }
}

/// `x is defined` and `x|default(…)` are about what may not be there.
fn is_tolerant(tokens: &[Token<'_>]) -> bool {
    tokens::tests(tokens).any(|test| matches!(test.text, "defined" | "undefined"))
        || tokens::filters(tokens).any(|filter| matches!(filter.text, "default" | "d"))
}

/// The paths on both sides of each `in`.
fn sides_of_in(
    source: &str,
    tokens: &[Token<'_>],
    references: &[Reference<'_>],
) -> Vec<(Option<Path>, Path)> {
    let path = |number: usize| {
        let reference = references.get(number)?;
        let words = match reference.words.as_slice() {
            // The last word is a method then, which is no value.
            [path @ .., _] if reference.called => path,
            path => path,
        };
        let ([(_, first), ..], [.., (_, last)]) = (words, words) else {
            return None;
        };
        let path = &source[first.start..last.end];
        Some((path.to_owned(), compile(path).ok()?))
    };
    let found = membership::memberships(tokens, references).into_iter();
    found
        .filter_map(|found| Some((found.item.and_then(path), path(found.container)?)))
        .collect()
}

fn paths(source: &str, references: &[Reference<'_>]) -> Vec<String> {
    let mut paths: Vec<String> = Vec::new();
    for reference in references {
        let words = match reference.words.as_slice() {
            // The last word is a method then, which is no value.
            [path @ .., _] if reference.called => path,
            path => path,
        };
        let [(_, first), .., (_, last)] = words else {
            continue;
        };
        let path = &source[first.start..last.end];
        // An expression that is a path is looked at itself.
        if path != source && !paths.iter().any(|known| known == path) {
            paths.push(path.to_owned());
        }
    }
    paths
}

/// Operators of other languages.
fn check_symbols(tokens: &[Token<'_>], text: &Text, start: usize, problems: &mut Problems) {
    for token in tokens {
        let help = match token.text {
            "=" if token.depth == 0 => "compare with `==`",
            "&&" => "write `and`",
            "||" => "write `or`",
            "!" => "write `not`, or `!=`",
            _ => continue,
        };
        if token.kind == tokens::Kind::Symbol {
            let place = start + token.range.start..start + token.range.end;
            let message = format!("`{}` is no operator here", token.text);
            problems.push(Problem::inside(text, place, message, help));
        }
    }
}

/// Variables, filters and tests, and what `fake` and `target` have.
fn check_names(
    tokens: &[Token<'_>],
    references: &[Reference<'_>],
    (text, start): (&Text, usize),
    tolerant: bool,
    (names, problems): (&mut Names, &mut Problems),
) {
    let place = |range: &Range<usize>| start + range.start..start + range.end;
    let unknown =
        |what: &str, name: &str, range: &Range<usize>, known: &[&str], problems: &mut Problems| {
            if !known.contains(&name) {
                let help = suggestion(name, known).unwrap_or_default();
                let message = format!("unknown {what} `{name}`");
                problems.push(Problem::inside(text, place(range), message, help));
            }
        };
    for filter in tokens::filters(tokens) {
        unknown("filter", filter.text, &filter.range, FILTERS, problems);
    }
    for test in tokens::tests(tokens) {
        unknown("test", test.text, &test.range, TESTS, problems);
    }
    for reference in references {
        let [(root, range), members @ ..] = reference.words.as_slice() else {
            continue;
        };
        names.look_up(root, (text, place(range)), tolerant, problems);
        match (*root, members) {
            ("fake", [(name, range), ..]) => {
                unknown(
                    "kind of invented data",
                    name,
                    range,
                    fake::METHODS,
                    problems,
                );
            }
            ("target", [(name, range), ..]) => {
                unknown(
                    "setting of a target",
                    name,
                    range,
                    scope::TARGET_KEYS,
                    problems,
                );
            }
            ("run", [(name, range), ..]) => {
                unknown("fact about the run", name, range, scope::RUN_KEYS, problems);
            }
            ("env", [(name, range), ..]) if !tolerant && names.environment.get(name).is_none() => {
                let span = text.part(place(range));
                names.environment.missing(span, name, problems);
            }
            _ => {}
        }
    }
}
