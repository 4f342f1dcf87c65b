/// The present state of what a form changes, read after another user changed it.
struct Present: Hashable, Sendable {
  let data: GroupData
  /// The entry with its history, for the form of an entry.
  let details: EntryDetails?
}
