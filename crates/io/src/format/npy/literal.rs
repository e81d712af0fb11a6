//! The Python literal in an NPY header: strings, integers, booleans, tuples, lists and dictionaries – nothing is run.

/// A literal value.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Literal {
    Text(String),
    Int(i64),
    Bool(bool),
    None,
    /// A tuple or a list.
    List(Vec<Literal>),
    Dict(Vec<(Literal, Literal)>),
}

const MAX_DEPTH: usize = 12;

struct Parser<'a> {
    rest: &'a str,
}

/// Parses one literal that fills the text.
pub(super) fn parse(text: &str) -> Option<Literal> {
    let mut p = Parser { rest: text };
    let value = p.value(0)?;
    p.rest.trim().is_empty().then_some(value)
}

impl Parser<'_> {
    fn eat(&mut self, c: char) -> bool {
        match self.rest.trim_start().strip_prefix(c) {
            Some(rest) => {
                self.rest = rest;
                true
            }
            None => false,
        }
    }

    fn value(&mut self, depth: usize) -> Option<Literal> {
        if depth > MAX_DEPTH {
            return None;
        }
        self.rest = self.rest.trim_start();
        for (open, close) in [('(', ')'), ('[', ']')] {
            if self.eat(open) {
                let mut items = Vec::new();
                while !self.eat(close) {
                    items.push(self.value(depth + 1)?);
                    if !self.eat(',') && !self.rest.trim_start().starts_with(close) {
                        return None;
                    }
                }
                return Some(Literal::List(items));
            }
        }
        if self.eat('{') {
            let mut items = Vec::new();
            while !self.eat('}') {
                let key = self.value(depth + 1)?;
                if !self.eat(':') {
                    return None;
                }
                items.push((key, self.value(depth + 1)?));
                if !self.eat(',') && !self.rest.trim_start().starts_with('}') {
                    return None;
                }
            }
            return Some(Literal::Dict(items));
        }
        self.scalar()
    }

    fn scalar(&mut self) -> Option<Literal> {
        for quote in ['\'', '"'] {
            if self.eat(quote) {
                return self.string(quote);
            }
        }
        for (word, value) in [("True", Literal::Bool(true)), ("False", Literal::Bool(false)), ("None", Literal::None)] {
            if let Some(rest) = self.rest.strip_prefix(word) {
                self.rest = rest;
                return Some(value);
            }
        }
        let end = self.rest.find(|c: char| !(c.is_ascii_digit() || c == '-')).unwrap_or(self.rest.len());
        let (number, rest) = self.rest.split_at_checked(end)?;
        // Python 2 wrote long integers with an L.
        self.rest = rest.strip_prefix('L').unwrap_or(rest);
        number.parse().ok().map(Literal::Int)
    }

    fn string(&mut self, quote: char) -> Option<Literal> {
        let mut out = String::new();
        let mut chars = self.rest.char_indices();
        while let Some((i, c)) = chars.next() {
            if c == quote {
                self.rest = self.rest.get(i + c.len_utf8()..)?;
                return Some(Literal::Text(out));
            }
            out.push(if c == '\\' { chars.next()?.1 } else { c });
        }
        None
    }
}

impl Literal {
    /// The value of a text key.
    pub(super) fn get(&self, key: &str) -> Option<&Literal> {
        let Literal::Dict(items) = self else { return None };
        items.iter().find(|(k, _)| matches!(k, Literal::Text(t) if t == key)).map(|(_, v)| v)
    }

    pub(super) fn text(&self) -> Option<&str> {
        match self {
            Literal::Text(t) => Some(t),
            _ => None,
        }
    }

    pub(super) fn list(&self) -> Option<&[Literal]> {
        match self {
            Literal::List(l) => Some(l),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_of_numpy() {
        let d =
            parse("{'descr': [('a [V]', '<f4'), ('b', '>i2', (2,))], 'fortran_order': False, 'shape': (3, 4L), }\n");
        let d = d.unwrap();
        assert_eq!(d.get("fortran_order"), Some(&Literal::Bool(false)));
        assert_eq!(d.get("shape").unwrap().list().unwrap(), [Literal::Int(3), Literal::Int(4)]);
        assert_eq!(d.get("descr").unwrap().list().unwrap().len(), 2);
        for bad in ["", "{", "{'a'}", "(1", "'a", "[[[[[[[[[[[[[[[[", "{'a': 1} x", "1 2", "'\\"] {
            assert_eq!(parse(bad), None, "{bad}");
        }
    }
}
