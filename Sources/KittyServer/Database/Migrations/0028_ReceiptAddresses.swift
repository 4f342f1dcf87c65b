extension Migration {
  /// Adds the entry of an upload address, which is for a receipt then.
  static let receiptAddresses = Migration(version: 28, name: "receipt addresses") { dialect in
    "alter table upload_addresses add column entry_id \(dialect.id)"
  }
}
