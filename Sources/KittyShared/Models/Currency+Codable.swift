extension Currency: Codable {
  /// Reads a code. An unknown code is an error.
  package init(from decoder: any Decoder) throws {
    let code = try decoder.singleValueContainer().decode(String.self)
    guard let currency = Currency(code: code) else {
      throw FieldError(
        decoder,
        code: "unknown_currency",
        message:
          "\"\(code.cut(to: 12))\" is not an ISO 4217 currency code. Write one such as EUR, USD or JPY."
      )
    }
    self = currency
  }

  /// Writes the code.
  package func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(code)
  }
}
