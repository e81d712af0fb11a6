//! The names of what a group links to, read without opening it: one member that cannot be opened does not hide the others.

use hdf5_reader::btree_v1::collect_btree_v1_leaves_storage;
use hdf5_reader::btree_v2::{BTreeV2Header, BTreeV2Record, collect_btree_v2_records_storage};
use hdf5_reader::error::Error;
use hdf5_reader::fractal_heap::{FractalHeap, FractalHeapDirectBlockCache};
use hdf5_reader::group::Group;
use hdf5_reader::io::Cursor;
use hdf5_reader::local_heap::LocalHeap;
use hdf5_reader::messages::HdfMessage;
use hdf5_reader::messages::link::{self, LinkMessage, LinkTarget};
use hdf5_reader::object_header::ObjectHeader;
use hdf5_reader::symbol_table::SymbolTableNode;

/// Bytes of an object header.
const HEADER: usize = 16 << 20;

/// A link of a group.
pub(super) struct Link {
    pub name: String,
    /// The file that it leads to, where that is another one.
    pub elsewhere: Option<String>,
}

/// The links of a group, in the order of the file.
///
/// # Errors
/// If the group itself is broken.
pub(super) fn of(group: &Group) -> Result<Vec<Link>, Error> {
    let (storage, [offset, length]) = (group.storage(), [group.offset_size(), group.length_size()]);
    let header = ObjectHeader::parse_at_storage_with_limit(storage, group.address(), offset, length, HEADER)?;
    let mut out = Vec::new();
    for message in &header.messages {
        match message {
            HdfMessage::SymbolTable(table) => {
                let heap = LocalHeap::parse_at_storage(storage, table.heap_address, offset, length)?;
                let leaves =
                    collect_btree_v1_leaves_storage(storage, table.btree_address, offset, length, None, &[], None)?;
                for (_, at) in leaves {
                    // Signature, version and count, then that many entries.
                    let head = storage.read_range(at, 8)?;
                    let count = head.as_ref().get(6..8).map_or(0, |b| usize::from(b[0]) | usize::from(b[1]) << 8);
                    let bytes = storage.read_range(at, 8 + count * (2 * usize::from(offset) + 24))?;
                    let node = SymbolTableNode::parse(&mut Cursor::new(bytes.as_ref()), offset, length)?;
                    for entry in node.entries {
                        let name = heap.get_string_storage(entry.link_name_offset, storage)?;
                        out.push(Link { name, elsewhere: None });
                    }
                }
            }
            HdfMessage::Link(message) => out.push(named(message)),
            HdfMessage::LinkInfo(info) if is_address(info.fractal_heap_address, offset) => {
                let heap = FractalHeap::parse_at_storage(storage, info.fractal_heap_address, offset, length)?;
                let index = BTreeV2Header::parse_at_storage(storage, info.btree_name_index_address, offset, length)?;
                let records = collect_btree_v2_records_storage(storage, &index, offset, length, None, &[], None)?;
                let mut blocks = FractalHeapDirectBlockCache::default();
                for record in &records {
                    let (BTreeV2Record::LinkNameHash { heap_id, .. } | BTreeV2Record::CreationOrder { heap_id, .. }) =
                        record
                    else {
                        continue;
                    };
                    let bytes = heap.get_object_storage_cached(heap_id, storage, offset, length, &mut blocks)?;
                    out.push(named(&link::parse(&mut Cursor::new(&bytes), offset, length, bytes.len())?));
                }
            }
            _ => {}
        }
    }
    Ok(out)
}

/// Whether there is anything at an address of so many bytes: all bits set mean nothing.
fn is_address(address: u64, bytes: u8) -> bool {
    let top = (8 * u32::from(bytes)).saturating_sub(1);
    address.checked_shr(top).is_none_or(|bit| bit == 0)
}

fn named(message: &LinkMessage) -> Link {
    let elsewhere = match &message.target {
        LinkTarget::External { filename, .. } => Some(filename.clone()),
        _ => None,
    };
    Link { name: message.name.clone(), elsewhere }
}
