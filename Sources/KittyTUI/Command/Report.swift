/// The output of a command.
struct Report: Sendable {
  /// The JSON document of the API, for `--json`.
  var json: [UInt8] = []
  /// The tables for people, one below the other.
  var tables: [Table] = []
  /// The fields of each line for `--plain`. Their order is documented and never changes.
  var fields: [[SafeText]] = []
  /// A message beside the data, for people only. It goes to standard error.
  var note: SafeText?
}
