/// Calls `body` with C strings that live as long as the call; `nil` becomes a null pointer.
func withCStrings<Result>(
  _ texts: [String?], _ body: (UnsafePointer<UnsafePointer<CChar>?>?) -> Result
) -> Result {
  // One block for all: each text and the null after it.
  var bytes: [UInt8] = []
  var offsets: [Int?] = []
  for text in texts {
    guard let text else {
      offsets.append(nil)
      continue
    }
    offsets.append(bytes.count)
    bytes.append(contentsOf: text.utf8)
    bytes.append(0)
  }
  return bytes.withUnsafeBytes { block in
    let start = block.assumingMemoryBound(to: CChar.self).baseAddress
    // The list itself ends in a null pointer, as some functions of libpq want.
    let pointers =
      offsets.map { offset in offset.flatMap { place in start.map { $0 + place } } } + [nil]
    return pointers.withUnsafeBufferPointer { body($0.baseAddress) }
  }
}
