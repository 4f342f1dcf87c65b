import KittyShared

/// A statement and its bound values. Interpolation always binds: `"… where id = \(id)"` becomes `… where id = ?`. No text
/// can be pasted into it, so there is nothing to escape and nothing to inject.
struct SQL: Sendable, ExpressibleByStringInterpolation {
  /// The statement with a `?` for each parameter, as SQLite needs it: to SQLite `$1` is a name, and it compares each name
  /// with all names before it.
  fileprivate(set) var text: String
  /// The places of these `?` in the text: offsets in UTF-8, in order.
  fileprivate(set) var places: [Int]
  fileprivate(set) var values: [Value]
  /// `true` for a statement that enqueues a job: the workers are notified once its transaction is committed. Set by
  /// `JobStore.enqueue`.
  var wakesWorker = false
  /// `false` for a text that hardly occurs twice, such as that of a filter: no driver keeps a prepared statement for it,
  /// and PostgreSQL plans it for its values. A statement with such a part is one too.
  var isRepeated = true

  enum Value: Sendable, Hashable {
    case text(String)
    /// A parameter that is written as text; a column that was read is never one. A large import has many ids, and a text
    /// of each would take five times the memory.
    case id(ID)
    case integer(Int64)
    case bool(Bool)
    case null
  }

  /// The bytes of the texts among the values.
  var textBytes: Int {
    values.reduce(0) { if case .text(let text) = $1 { $0 + text.utf8.count } else { $0 } }
  }

  init(stringLiteral value: String) {
    text = value
    places = []
    values = []
  }

  init(stringInterpolation: StringInterpolation) { self = stringInterpolation.sql }

  /// Appends a part of the statement.
  mutating func append(_ part: SQL) {
    let length = text.utf8.count
    text += part.text
    for place in part.places { places.append(length + place) }
    values += part.values
    isRepeated = isRepeated && part.isRepeated
  }

  struct StringInterpolation: StringInterpolationProtocol {
    fileprivate var sql: SQL = ""

    init(literalCapacity: Int, interpolationCount: Int) {
      sql.text.reserveCapacity(literalCapacity + interpolationCount)
      sql.places.reserveCapacity(interpolationCount)
      sql.values.reserveCapacity(interpolationCount)
    }

    mutating func appendLiteral(_ literal: String) { sql.text += literal }
    mutating func appendInterpolation(_ value: some Bindable) { bind(value.sqlValue) }
    mutating func appendInterpolation(_ value: (some Bindable)?) { bind(value?.sqlValue ?? .null) }

    /// Inserts statements with commas between them: the rows of a `values` list.
    mutating func appendInterpolation(list: [SQL]) {
      for (index, part) in list.enumerated() {
        if index > 0 { appendLiteral(", ") }
        appendInterpolation(part: part)
      }
    }

    /// Inserts the name of a table or a column. The compiler accepts only a name that is written in the program.
    mutating func appendInterpolation(name: StaticString) { appendLiteral("\(name)") }

    /// Inserts a statement as a part of this one.
    mutating func appendInterpolation(part: SQL) { sql.append(part) }

    private mutating func bind(_ value: Value) {
      sql.places.append(sql.text.utf8.count)
      sql.text += "?"
      sql.values.append(value)
    }
  }
}

extension SQL {
  /// Maximum number of parameters of a statement: that of SQLite. PostgreSQL takes twice as many.
  static let maxParameters = 32_766
}

extension [SQL] {
  /// Checks that both databases take the statements. The limits of requests keep them far smaller, so a larger one is a
  /// bug of the program; it fails alone, before it reaches a connection that others use.
  /// - Throws: `DatabaseFailure.fault`.
  func requireSizes() throws(DatabaseFailure) {
    for statement in self where statement.values.count > SQL.maxParameters {
      throw .fault("a statement has \(statement.values.count) parameters, more than \(SQL.maxParameters)")
    }
  }
}

/// A type that can be a parameter of a statement.
protocol Bindable {
  var sqlValue: SQL.Value { get }
}

extension SQL.Value: Bindable { var sqlValue: SQL.Value { self } }
extension String: Bindable { var sqlValue: SQL.Value { .text(self) } }
extension Int64: Bindable { var sqlValue: SQL.Value { .integer(self) } }
extension Int: Bindable { var sqlValue: SQL.Value { .integer(Int64(self)) } }
extension Bool: Bindable { var sqlValue: SQL.Value { .bool(self) } }
extension ID: Bindable { var sqlValue: SQL.Value { .id(self) } }
extension Instant: Bindable { var sqlValue: SQL.Value { .integer(milliseconds) } }
extension Day: Bindable { var sqlValue: SQL.Value { .text(description) } }
extension Currency: Bindable { var sqlValue: SQL.Value { .text(code) } }
