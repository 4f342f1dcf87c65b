extension Rate: Codable {
  /// Reads the decimal.
  package init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    guard let text = try? container.decode(String.self), let rate = Rate(text) else {
      throw FieldError(
        decoder, code: "not_a_rate",
        message: "A rate must be a string with at most 12 digits, greater than zero, such as \"0.9123\".")
    }
    self = rate
  }

  /// Writes the decimal.
  package func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(text)
  }
}
