//! Tables of one dataset taken over by another.

use super::{Dataset, Member};
use crate::{Channel, ReadError, TableInfo};

impl Dataset {
    /// Takes over the tables of a dataset that a reader has finished, called `name` (and their own name where there are
    /// several); what it says of the whole file is then said of each of them.
    ///
    /// # Errors
    /// [`ReadError`] if it holds anything but tables, or as [`Dataset::push`].
    pub fn absorb(&mut self, name: &str, other: Dataset) -> Result<(), ReadError> {
        if let Some(c) = other.channels.iter().find(|c| c.table.is_none()) {
            return Err(ReadError::new(self.format, format!("`{}` is a {} and no column of a table", c.name, c.kind)));
        }
        let first = self.tables.len();
        let several = other.tables.len() > 1;
        for own in other.tables {
            let name = if several { format!("{name}: {}", own.name) } else { name.to_string() };
            let metadata = other.metadata.iter().cloned().chain(own.metadata).collect();
            self.add_table(TableInfo { name, metadata, ..own });
        }
        let mut stores: Vec<_> = other.stores.into_iter().map(Some).collect();
        for (table, members) in other.members.into_iter().enumerate() {
            for member in members {
                match member {
                    Member::Number { channel, name } => {
                        let store = stores.get_mut(channel).and_then(Option::take);
                        let (Some(own), Some(store)) = (other.channels.get(channel), store) else { continue };
                        self.push(Channel { name, table: Some(table + first), ..own.clone() }, store)?;
                    }
                    Member::Words(column) => self.push_words(table + first, &column.name, column.words()),
                }
            }
        }
        Ok(())
    }
}
