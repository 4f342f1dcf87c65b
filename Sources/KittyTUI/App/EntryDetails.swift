import KittyShared

/// The data of an entry's screen.
struct EntryDetails: Hashable, Sendable {
  let entry: Entry
  let history: [Revision]
  let comments: [Comment]
}
