import FoundationEssentials
import KittyShared

/// Rows as lines of text: each line is a JSON array of the values, in the order of the table's columns.
enum ArchivedRows {
  /// Appends a row to `lines`. The lines of both databases are equal.
  /// - Throws: `UnexpectedColumn` for an integer column with another value.
  static func append(_ row: Row, _ columns: [BackupTable.Column], to lines: inout [UInt8]) throws {
    lines += try JSON.bytes(of: try values(of: row, columns).map(Cell.init))
    lines.append(UInt8(ascii: "\n"))
  }

  /// Returns the values of a row. PostgreSQL returns numbers as texts; here they become integers.
  static func values(of row: Row, _ columns: [BackupTable.Column]) throws -> [SQL.Value] {
    try zip(columns, row.columns).enumerated().map { index, pair in
      let (column, value) = pair
      guard column.kind == .integer, value != .null else { return value }
      guard let number = Int64(column: value) else {
        throw UnexpectedColumn(index: index, type: "\(column.name)")
      }
      return .integer(number)
    }
  }

  /// Reads the rows of lines.
  /// - Throws: `ArchiveFailure` when a line is not a row of these columns.
  static func rows(in lines: [UInt8], _ columns: [BackupTable.Column]) throws -> [[SQL.Value]] {
    guard !lines.isEmpty else { return [] }
    // All lines are decoded as one array. A value has no line break, so the breaks can become commas.
    var list: [UInt8] = [UInt8(ascii: "[")]
    list.reserveCapacity(lines.count + 1)
    for byte in lines.dropLast() { list.append(byte == UInt8(ascii: "\n") ? UInt8(ascii: ",") : byte) }
    list.append(UInt8(ascii: "]"))
    let decoder = JSONDecoder()
    decoder.userInfo[.columnKinds] = columns.map(\.kind)
    do { return try decoder.decode([DecodedRow].self, from: Data(list)).map(\.values) } catch {
      throw ArchiveFailure(description: "The archive has a row that cannot be read: \(error)")
    }
  }

  private struct Cell: Encodable {
    let value: SQL.Value

    func encode(to encoder: any Encoder) throws {
      var container = encoder.singleValueContainer()
      switch value {
      case .text(let text): try container.encode(text)
      case .id(let id): try container.encode(id.description)
      case .integer(let number): try container.encode(number)
      case .bool(let flag): try container.encode(flag)
      case .null: try container.encodeNil()
      }
    }
  }

  private struct DecodedRow: Decodable {
    let values: [SQL.Value]

    init(from decoder: any Decoder) throws {
      let kinds = decoder.userInfo[.columnKinds] as? [BackupTable.Kind] ?? []
      var container = try decoder.unkeyedContainer()
      var values: [SQL.Value] = []
      values.reserveCapacity(kinds.count)
      for kind in kinds {
        if try container.decodeNil() {
          values.append(.null)
        } else if kind == .integer {
          values.append(.integer(try container.decode(Int64.self)))
        } else {
          values.append(.text(try container.decode(String.self)))
        }
      }
      guard container.isAtEnd else {
        throw DecodingError.dataCorrupted(
          .init(codingPath: container.codingPath, debugDescription: "a row has more values than columns"))
      }
      self.values = values
    }
  }
}

extension CodingUserInfoKey {
  fileprivate static let columnKinds = CodingUserInfoKey("columnKinds")
}

extension CodingUserInfoKey {
  /// A key of a literal. Any text is a valid key.
  fileprivate init(_ name: StaticString) {
    guard let key = CodingUserInfoKey(rawValue: "\(name)") else { preconditionFailure("\(name)") }
    self = key
  }
}
