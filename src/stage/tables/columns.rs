//! The columns of a table, declared once for who writes and who reads it.

/// Declares a table. A column is `text`, or numbers in the unit that stands there; `(k)` is the `k`-th of the units that
/// follow the input; brackets are around columns that may be left out, which are then empty.
macro_rules! columns {
    ($(#[$about:meta])* $name:ident { $($(#[$doc:meta])* $field:ident: $kind:tt,)* }) => {
        $(#[$about])*
        #[derive(Clone, Debug, Default)]
        #[allow(dead_code, reason = "not every table follows the unit of the input, or has a reader for each column")]
        pub(in crate::stage) struct $name {
            $($(#[$doc])* pub $field: columns!(@cells $kind),)*
            /// Units that follow the input.
            pub units: Vec<Unit>,
        }

        impl $name {
            /// As a table.
            #[allow(dead_code, reason = "what is read need not be written here")]
            pub(in crate::stage) fn table(self) -> Table {
                let columns = [$(columns!(@write self, $field, $kind)),*];
                Table { columns: columns.into_iter().flatten().collect() }
            }
        }

        impl TypedTable for $name {
            #[allow(unused_mut, reason = "not every table has a unit that follows the input")]
            fn of(table: &Table) -> Result<$name, &'static str> {
                let mut units = Vec::new();
                Ok($name { $($field: columns!(@read table, units, $field, $kind),)* units })
            }
        }
    };
    (@cells text) => { Vec<String> };
    (@cells [$kind:tt]) => { columns!(@cells $kind) };
    (@cells $unit:tt) => { Vec<f64> };

    (@write $self:ident, $field:ident, text) => {
        Some(Column::text(stringify!($field), $self.$field))
    };
    (@write $self:ident, $field:ident, [$kind:tt]) => {
        if $self.$field.is_empty() { None } else { columns!(@write $self, $field, $kind) }
    };
    (@write $self:ident, $field:ident, ($k:literal)) => {{
        let unit = $self.units.get($k).cloned().unwrap_or_else(Unit::none);
        Some(Column::number(stringify!($field), &unit, $self.$field))
    }};
    (@write $self:ident, $field:ident, $unit:literal) => {
        Some(Column::number(stringify!($field), &Unit::of($unit), $self.$field))
    };

    (@read $table:ident, $units:ident, $field:ident, text) => {
        $table.column(stringify!($field)).ok_or(stringify!($field))?.words()
    };
    (@read $table:ident, $units:ident, $field:ident, [$kind:tt]) => {
        match $table.column(stringify!($field)) {
            Some(_) => columns!(@read $table, $units, $field, $kind),
            None => Vec::new(),
        }
    };
    (@read $table:ident, $units:ident, $field:ident, ($k:literal)) => {{
        let column = $table.column(stringify!($field)).ok_or(stringify!($field))?;
        if $units.len() <= $k {
            $units.resize($k + 1, column.unit.clone());
        }
        column.numbers().ok_or(stringify!($field))?
    }};
    (@read $table:ident, $units:ident, $field:ident, $unit:literal) => {
        $table.column(stringify!($field)).and_then(Column::numbers).ok_or(stringify!($field))?
    };
}

#[cfg(test)]
mod tests {
    use crate::data::{Column, Table};
    use crate::stage::tables::TypedTable;
    use crate::unit::Unit;

    columns! {
        /// A table of every kind of column.
        Every { name: text, size: "nm", value: (0), density: (1), more: ["s"], comment: [text], }
    }

    #[test]
    fn what_is_written_is_read() {
        let every = Every {
            name: vec!["a".into(), "b".into()],
            size: vec![1e-9, 2e-9],
            value: vec![1.0, f64::NAN],
            density: vec![3.0, 4.0],
            units: vec![Unit::of("Pa"), Unit::of("1/Pa")],
            ..Every::default()
        };
        let table = every.table();
        let names: Vec<&str> = table.columns.iter().map(|c| c.name.as_str()).collect();
        assert_eq!(names, ["name", "size", "value", "density"]);
        assert_eq!(table.columns[1].unit.symbol, "nm");
        let read = Every::of(&table).unwrap();
        assert_eq!((read.name, read.size), (vec!["a".to_string(), "b".into()], vec![1e-9, 2e-9]));
        assert!(read.value[1].is_nan() && read.more.is_empty() && read.comment.is_empty());
        assert_eq!(read.units.iter().map(|u| u.symbol.as_str()).collect::<Vec<_>>(), ["Pa", "1/Pa"]);
        let mut short = table;
        short.columns.remove(2);
        assert_eq!(Every::of(&short).unwrap_err(), "value");
    }
}
