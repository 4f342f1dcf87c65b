import FoundationEssentials
import KittyShared

/// A receipt in the photo storage that no entry has yet.
struct StoredReceipt: Codable, Equatable, Sendable {
  let hash: String
  let type: Receipt.MediaType
  let bytes: Int

  /// Returns the receipt of an entry that has this file.
  func receipt(_ number: Int, named name: String?) -> Receipt {
    Receipt(
      number: number, name: Receipt.name(name, type: type, number: number), type: type, bytes: bytes,
      hash: hash)
  }
}

extension PhotoStorage {
  /// Stores a checked receipt as it is, and the preview that the converter made of a picture.
  /// - Parameters:
  ///   - original: The file. It stays where it is: another attempt may need it.
  ///   - attempt: The folder with the preview.
  func store(
    receipt original: String, of type: Receipt.MediaType, in attempt: UploadFolder.Upload
  ) async throws -> StoredReceipt {
    let bytes: Data
    let copy = "\(attempt.folder)/\(StoredVariant.receipt.fileName)"
    do {
      bytes = try Data(contentsOf: URL(filePath: original))
      try bytes.write(to: URL(filePath: copy))
    } catch {
      let why = (error as? CocoaError)?.code == .fileWriteOutOfSpace ? "the disk is full" : "\(error)"
      throw PhotoStorageFailure(description: "cannot copy \(original): \(why)")
    }
    let receipt = StoredReceipt(hash: Self.hash(of: Array(bytes)), type: type, bytes: bytes.count)
    if type.isPicture {
      try await put(
        receipt.hash, .receiptPreview, file: "\(attempt.folder)/\(StoredVariant.receiptPreview.fileName)")
    }
    try await put(receipt.hash, .receipt, file: copy)
    return receipt
  }
}
