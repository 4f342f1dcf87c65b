import HTTPTypes
import Hummingbird
import KittyShared

/// The HTTP face of charts, as pictures and as tables.
struct ChartController: Sendable {
  let charts: Charts
  let filters: FilterContextStore

  /// The parameters of every chart.
  private static let common = ["currency", "from", "to", "format"]

  func register(on routes: inout Routes) {
    routes.shared(Endpoints.chart, filters: filters) { call in
      guard let text = call.parameters.get("chart"), text.hasSuffix(".svg"),
        let name = Charts.Name(rawValue: String(text.dropLast(4)))
      else { throw Rejection.notFound("chart") }
      let isTable = try Self.isTable(call)
      let table = try await table(name, call)
      return isTable
        ? (table.csv, "text/csv; charset=utf-8; header=present")
        : (SVGChart(table: table).document, "image/svg+xml; charset=utf-8")
    }
  }

  private static func isTable(_ call: GroupCall) throws(Rejection) -> Bool {
    switch call.query["format"] {
    case nil, "svg": return false
    case "csv": return true
    default: throw .invalid("format", "unknown_format", "format must be one of svg, csv.")
    }
  }

  private func table(_ name: Charts.Name, _ call: GroupCall) async throws -> ChartTable {
    let own =
      switch name {
      case .spending: ["by", "q"]
      case .balances: ["every", "account"]
      case .kitty: ["every"]
      }
    for parameter in call.query.keys.sorted() where !(own + Self.common).contains(parameter) {
      throw Rejection.invalid(
        parameter, "not_for_this_chart", "The chart \(name.rawValue) takes no \(parameter): leave it out.")
    }
    var currency = call.currency
    if let code = call.query["currency"] {
      guard let named = Currency(code: code) else {
        throw Rejection.invalid("currency", "unknown_currency", "Write an ISO 4217 code such as EUR.")
      }
      currency = named
    }
    let days = try call.days()
    if name == .spending {
      return try await charts.spending(try call.statisticsQuery(), in: call.group, currency: currency)
    }
    let account = try call.query["account"].map { (text) throws(Rejection) in
      try Call.account(text, "account")
    }
    return try await charts.balances(
      of: account, every: try call.every(), from: days.from, to: days.to, in: call.group, currency: currency,
      isKitty: name == .kitty)
  }
}
