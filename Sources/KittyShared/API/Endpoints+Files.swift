/// The routes of whole groups as files, and of files of other programs.
extension Endpoints {
  /// The books of the group as a file; `?format=` is `json`, `csv`, `xlsx`, `hledger` or `beancount`. `?for=excel` writes the table
  /// for Excel: with the decimal mark of the language of `Accept-Language`, or with that of `?decimal=`.
  package static let export = Endpoint<Empty, Bytes>(
    get: "/v1/groups/{group}/export", .member(.read), query: ["format", "for", "decimal"])
  /// Imports a JSON export into this group, which must have no entries yet.
  package static let importGroup = Endpoint<GroupFile, ImportedGroup>(
    .post, "/v1/groups/{group}/import", .member(.own), changes: .group)

  /// Imports a file of another program; the body is the file. `?dryRun=true` only tells what would be done. `?format=` is the
  /// program, `?map=` a JSON object with the member here for a name in the file, `?columns=` one with the column of a table for
  /// each of its roles, `?currency=` the currency of amounts without one, `?differences=accept` imports a file whose balances
  /// here are others, `?twins=keep` entries that the group has by the same day, text and amounts. `?encoding=`, `?decimal=` and
  /// `?dates=` decide what the file leaves open.
  package static let importFile = Endpoint<Bytes, ImportReport>(
    .post, "/v1/groups/{group}/imports", .member(.manage), changes: .group,
    query: importQuery)
  private static let importQuery = [
    "format", "dryRun", "map", "columns", "currency", "differences", "twins", "encoding", "decimal", "dates",
  ]
  /// Previews a file of another program as a new group, which is not made. `?group=` is the id with which the group will be
  /// made. Without `?dryRun=true` it is refused.
  package static let previewImport = Endpoint<Bytes, ImportReport>(
    .post, "/v1/imports", .user, changes: .nothing, query: importQuery + ["group"])
  /// The imports that can be undone, the latest first.
  package static let imports = Endpoint<Empty, Page<ImportRecord>>(
    get: "/v1/groups/{group}/imports", .member(.read), query: ["limit", "cursor"])
  /// Undoes an import. Entries that were changed since are refused, or deleted with `?force=true`.
  package static let undoImport = Endpoint<Empty, Empty>(
    .delete, "/v1/groups/{group}/imports/{import}", .member(.manage), changes: .group, success: 204,
    query: ["force"])
}
