/// A finished import of a file of another program, which can be undone.
package struct ImportRecord: Codable, Hashable, Sendable {
  /// The id.
  package let id: ID
  /// The program that wrote the file.
  package let format: ImportFormat
  /// The number of entries that it wrote.
  package let entries: Int
  /// The member who imported the file.
  package let createdBy: ID
  /// The instant of the import.
  package let createdAt: Instant

  package init(id: ID, format: ImportFormat, entries: Int, createdBy: ID, createdAt: Instant) {
    self.id = id
    self.format = format
    self.entries = entries
    self.createdBy = createdBy
    self.createdAt = createdAt
  }
}
