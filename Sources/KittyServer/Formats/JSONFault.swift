import FoundationEssentials

/// A fault of a JSON document that its decoder does not tell: it takes one of two values without a word, and says of a number
/// beyond floating point that the document is no JSON.
enum JSONFault: Hashable {
  /// An object has a name twice, and nothing says which of its values was meant.
  case repeated(String)
  /// The number with a name is too large.
  case tooLarge(String)

  private static let quote = UInt8(ascii: "\"")

  /// Returns the first one; `nil` without any, and perhaps for a text that is not JSON. O(bytes).
  static func first(in json: Data) -> JSONFault? {
    // The hashes of the names in each open object; a list has none.
    var open: [Set<Int>] = []
    var (text, isInText, isEscaped, hasEscapes) = ([UInt8](), false, false, false)
    var (name, number) = ([UInt8](), [UInt8]())
    for byte in json {
      guard !isInText else {
        if !isEscaped, byte == quote {
          isInText = false
          continue
        }
        isEscaped = !isEscaped && byte == UInt8(ascii: "\\")
        hasEscapes = hasEscapes || isEscaped
        text.append(byte)
        continue
      }
      if isOfNumber(byte) {
        number.append(byte)
        continue
      }
      if !number.isEmpty {
        if isTooLarge(number) { return .tooLarge(String(decoding: name, as: UTF8.self)) }
        number.removeAll(keepingCapacity: true)
      }
      switch byte {
      case quote:
        text.removeAll(keepingCapacity: true)
        (isInText, hasEscapes) = (true, false)
      case UInt8(ascii: "{"), UInt8(ascii: "["):
        // What is nested deeper is refused by the decoder, and a file of brackets would need many times its size here.
        guard open.count < 512 else { return nil }
        open.append([])
      case UInt8(ascii: "}"), UInt8(ascii: "]"): _ = open.popLast()
      case UInt8(ascii: ":") where !open.isEmpty:
        name = hasEscapes ? plain(text) : text
        if !open[open.count - 1].insert(name.hashValue).inserted {
          return .repeated(String(decoding: name, as: UTF8.self))
        }
      default: break
      }
    }
    return nil
  }

  /// Returns `true` for a byte that a number may have; the words of JSON have some too.
  private static func isOfNumber(_ byte: UInt8) -> Bool {
    switch byte {
    case 0x30...0x39, UInt8(ascii: "."), UInt8(ascii: "-"), UInt8(ascii: "+"), UInt8(ascii: "e"),
      UInt8(ascii: "E"):
      true
    default: false
    }
  }

  private static func isTooLarge(_ number: [UInt8]) -> Bool {
    // A shorter one has no exponent of three digits, and is no larger than 10 to the power of 99.
    guard number.count >= 5 else { return false }
    let hasExponent = number.contains { $0 == UInt8(ascii: "e") || $0 == UInt8(ascii: "E") }
    guard hasExponent || number.count > 300 else { return false }
    return Double(String(decoding: number, as: UTF8.self))?.isInfinite ?? false
  }

  /// Returns a name without escapes.
  private static func plain(_ name: [UInt8]) -> [UInt8] {
    let text = try? JSONDecoder().decode(String.self, from: Data([quote] + name + [quote]))
    return text.map { Array($0.utf8) } ?? name
  }
}
