/// C strings for the arguments of libpq.
enum CStrings {
  /// Calls `body` with C strings that live as long as the call. `nil` becomes a null pointer.
  static func with<Result>(
    _ texts: [String?], _ body: (UnsafePointer<UnsafePointer<CChar>?>?) -> Result
  ) -> Result {
    // One block for all texts, each with its null.
    var bytes: [UInt8] = []
    bytes.reserveCapacity(texts.reduce(0) { $0 + ($1?.utf8.count ?? 0) + 1 })
    for case .some(let text) in texts {
      bytes.append(contentsOf: text.utf8)
      bytes.append(0)
    }
    return bytes.withUnsafeBytes { block in
      var next = block.assumingMemoryBound(to: CChar.self).baseAddress
      var pointers: [UnsafePointer<CChar>?] = []
      pointers.reserveCapacity(texts.count + 1)
      for text in texts {
        pointers.append(text == nil ? nil : next)
        if let text { next = next.map { $0 + text.utf8.count + 1 } }
      }
      // Some functions of libpq need a null pointer at the end of the list.
      pointers.append(nil)
      return pointers.withUnsafeBufferPointer { body($0.baseAddress) }
    }
  }
}
