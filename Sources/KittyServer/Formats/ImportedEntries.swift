import FoundationEssentials
import KittyShared

/// The entries of a file, in its order. Each is kept as some fifty bytes and made again when it is asked for, so that a file of
/// hundreds of thousands of entries needs little memory.
struct ImportedEntries: RandomAccessCollection, Hashable, Sendable {
  /// The bytes in pieces: one array of all would be in memory twice, and half empty, each time that it grows.
  private var pieces: [[UInt8]] = []
  /// The beginning of each entry.
  private var starts: [Start] = []

  private struct Start: Hashable {
    /// The number of a piece, and a place in it.
    let piece, place: Int32
  }

  /// The length after which a piece gets no more entries.
  private static let pieceLength = 1 << 16

  var startIndex: Int { 0 }
  var endIndex: Int { starts.count }

  mutating func append(_ entry: ImportedEntry) {
    if (pieces.last?.count ?? Self.pieceLength) >= Self.pieceLength { pieces.append([]) }
    let last = pieces.count - 1
    starts.append(Start(piece: Int32(last), place: Int32(pieces[last].count)))
    var writer = Writer(bytes: [])
    swap(&writer.bytes, &pieces[last])
    writer.write(entry)
    swap(&writer.bytes, &pieces[last])
  }

  subscript(position: Int) -> ImportedEntry {
    let start = starts[position]
    var reader = Reader(bytes: pieces[Int(start.piece)], place: Int(start.place))
    return reader.entry()
  }
}

extension ImportedEntries {
  /// Writes the parts of an entry one after the other: whole numbers in seven bits a byte (LEB128, as protocol buffers have
  /// them), texts after the number of their bytes.
  private struct Writer {
    var bytes: [UInt8]

    mutating func write(_ entry: ImportedEntry) {
      write(entry.place)
      write(entry.key)
      switch entry.kind {
      case .payment(let from, let to):
        write(0)
        write(from)
        write(to)
      case .expense(let payers, let split):
        write(1)
        write(payers)
        write(split)
      case .kept(let content, let own):
        write(2)
        write(json(content))
        write(own.map { "\($0)" })
      }
      write(entry.description)
      write(entry.amount)
      write(entry.original)
      write(Int(entry.date.daysSince1970))
      write(entry.note)
      write(entry.category)
    }

    private func json(_ content: EntryContent) -> String {
      do { return try JSON.text(of: content) } catch {
        preconditionFailure("a content that was read cannot be written: \(error)")
      }
    }

    private mutating func write(_ place: ImportPlace) {
      switch place {
      case .file: write(0)
      case .line(let number):
        write(1)
        write(number)
      case .element(let list, let index):
        write(2)
        write(list)
        write(index)
      }
    }

    private mutating func write(_ original: ImportedEntry.Original?) {
      guard let original else { return write(0) }
      write(original.split == nil ? 1 : 2)
      write(original.amount)
      write(original.rate.text)
      if let split = original.split { write(split) }
    }

    private mutating func write(_ split: ImportedEntry.Split) {
      switch split {
      // All members, which a line of a table without participants has.
      case .equally(let members) where members.elementsEqual(0..<members.count):
        write(3)
        write(members.count)
      case .equally(let members):
        write(0)
        write(members.count)
        for member in members { write(member) }
      case .shares(let weights):
        write(1)
        write(weights.map { .init(member: $0.member, amount: $0.weight) })
      case .exact(let parts):
        write(2)
        write(parts)
      }
    }

    private mutating func write(_ parts: [ImportedEntry.Part]) {
      write(parts.count)
      for part in parts {
        write(part.member)
        write(Int(part.amount))
      }
    }

    private mutating func write(_ amount: Amount) {
      write(Int(amount.minorUnits))
      write(amount.currency.code)
    }

    private mutating func write(_ text: String?) {
      write(text == nil ? 0 : 1)
      if let text { write(text) }
    }

    private mutating func write(_ text: String) {
      write(text.utf8.count)
      bytes.append(contentsOf: text.utf8)
    }

    private mutating func write(_ number: Int) {
      // Numbers near zero are short, below zero too.
      var rest = UInt(bitPattern: number << 1 ^ number >> (Int.bitWidth - 1))
      while rest >= 0x80 {
        bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
        rest >>= 7
      }
      bytes.append(UInt8(rest))
    }
  }

  /// Reads what a `Writer` wrote.
  private struct Reader {
    let bytes: [UInt8]
    var place: Int

    mutating func entry() -> ImportedEntry {
      let (place, key) = (importPlace(), optionalText())
      let kind: ImportedEntry.Kind =
        switch number() {
        case 0: .payment(from: number(), to: number())
        case 1: .expense(payers: parts(), split: split())
        default: .kept(content(), optionalText().flatMap { ID($0) })
        }
      return ImportedEntry(
        place: place, key: key, kind: kind, description: text(), amount: amount(), original: original(),
        date: Day(daysSince1970: Int64(number())), note: optionalText(), category: optionalText())
    }

    private mutating func content() -> EntryContent {
      do { return try JSON.decode(EntryContent.self, from: Data(text().utf8)) } catch {
        preconditionFailure("a content that was written cannot be read: \(error)")
      }
    }

    private mutating func importPlace() -> ImportPlace {
      switch number() {
      case 0: .file
      case 1: .line(number())
      default: .element(list: text(), number())
      }
    }

    private mutating func original() -> ImportedEntry.Original? {
      let kind = number()
      guard kind > 0 else { return nil }
      let (amount, rate) = (amount(), text())
      guard let rate = Rate(rate) else { preconditionFailure("not a rate: \(rate)") }
      return .init(amount: amount, rate: rate, split: kind == 2 ? split() : nil)
    }

    private mutating func split() -> ImportedEntry.Split {
      switch number() {
      case 0: .equally((0..<number()).map { _ in number() })
      case 3: .equally(Array(0..<number()))
      case 1: .shares(parts().map { .init(member: $0.member, weight: $0.amount) })
      default: .exact(parts())
      }
    }

    private mutating func parts() -> [ImportedEntry.Part] {
      (0..<number()).map { _ in .init(member: number(), amount: Int64(number())) }
    }

    private mutating func amount() -> Amount {
      let (units, code) = (number(), text())
      guard let currency = Currency(code: code) else { preconditionFailure("not a currency: \(code)") }
      return Amount(Int64(units), currency)
    }

    private mutating func optionalText() -> String? { number() == 0 ? nil : text() }

    private mutating func text() -> String {
      let count = number()
      defer { place += count }
      return String(decoding: bytes[place..<(place + count)], as: UTF8.self)
    }

    private mutating func number() -> Int {
      var (value, shift): (UInt, UInt) = (0, 0)
      while true {
        let byte = bytes[place]
        place += 1
        value |= UInt(byte & 0x7F) << shift
        guard byte >= 0x80 else { break }
        shift += 7
      }
      return Int(bitPattern: value >> 1) ^ -Int(bitPattern: value & 1)
    }
  }
}
