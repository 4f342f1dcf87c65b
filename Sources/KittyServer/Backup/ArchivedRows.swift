import FoundationEssentials
import KittyShared

/// Rows as lines: each a JSON array with the values in the order of the table's columns.
enum ArchivedRows {
  /// Adds a row to `lines`. Both databases' values come out the same.
  /// - Throws: `UnexpectedColumn` for a number that is none.
  static func append(_ row: Row, _ columns: [Table.Column], to lines: inout [UInt8]) throws {
    lines += try JSON.bytes(of: try values(of: row, columns).map(Cell.init))
    lines.append(UInt8(ascii: "\n"))
  }

  /// The values of a row: PostgreSQL gives numbers as texts.
  static func values(of row: Row, _ columns: [Table.Column]) throws -> [SQL.Value] {
    try zip(columns, row.columns).enumerated().map { index, pair in
      let (column, value) = pair
      guard column.kind == .integer, value != .null else { return value }
      guard let number = Int64(column: value) else {
        throw UnexpectedColumn(index: index, type: "\(column.name)")
      }
      return .integer(number)
    }
  }

  /// Reads lines back.
  /// - Throws: `ArchiveFailure` when they are no rows of these columns.
  static func rows(in lines: [UInt8], _ columns: [Table.Column]) throws -> [[SQL.Value]] {
    guard !lines.isEmpty else { return [] }
    // One list, read at once: a line break is never inside of a value.
    var list: [UInt8] = [UInt8(ascii: "[")]
    list.reserveCapacity(lines.count + 1)
    for byte in lines.dropLast() { list.append(byte == UInt8(ascii: "\n") ? UInt8(ascii: ",") : byte) }
    list.append(UInt8(ascii: "]"))
    let decoder = JSONDecoder()
    decoder.userInfo[.columnKinds] = columns.map(\.kind)
    do { return try decoder.decode([Line].self, from: Data(list)).map(\.values) } catch {
      throw ArchiveFailure(description: "The archive has a row that cannot be read: \(error)")
    }
  }

  private struct Cell: Encodable {
    let value: SQL.Value

    func encode(to encoder: any Encoder) throws {
      var container = encoder.singleValueContainer()
      switch value {
      case .text(let text): try container.encode(text)
      case .integer(let number): try container.encode(number)
      case .bool(let flag): try container.encode(flag)
      case .null: try container.encodeNil()
      }
    }
  }

  private struct Line: Decodable {
    let values: [SQL.Value]

    init(from decoder: any Decoder) throws {
      let kinds = decoder.userInfo[.columnKinds] as? [Table.Kind] ?? []
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
  /// A key that is always one: any text is.
  fileprivate init(_ name: StaticString) {
    guard let key = CodingUserInfoKey(rawValue: "\(name)") else { preconditionFailure("\(name)") }
    self = key
  }
}
