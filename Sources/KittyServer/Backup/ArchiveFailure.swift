/// Thrown when an archive cannot be written or read.
struct ArchiveFailure: Error, CustomStringConvertible {
  let description: String
}
