import KittyShared

// Previews of exports of KittyCash that become new groups as they were.

extension ImportCommand {
  /// Asks the server what is in an export. Nothing is made.
  func previewExport(
    _ body: UploadBody, _ connection: Connection
  ) async throws(CommandFailure) -> Answer<ImportReport> {
    do throws(CommandFailure) {
      return try await connection.ask { (api) throws(ClientFailure) in
        do throws(ClientFailure) {
          return try await api.previewImport(
            body, as: ID(at: .now), query: try ImportWishes().query(isDryRun: true))
        } catch {
          // A group without entries is a group all the same.
          guard case .problem(let problem) = error,
            problem.errors?.contains(where: { $0.code == "no_entries" }) == true
          else { throw error }
          return try Self.empty
        }
      }
    } catch { throw error.withImportOptions }
  }

  private static var empty: Answer<ImportReport> {
    get throws(ClientFailure) {
      let report = ImportReport(format: .kittycash)
      do { return Answer(value: report, bytes: try JSON.bytes(of: report)) } catch {
        throw .unreadable("The report cannot be written: \(error)")
      }
    }
  }

  /// The preview of an export. What the report leaves out belongs to imports into a group with entries: a new group gets it.
  /// - Parameter name: The name that the user wants; `nil` for that in the file.
  static func report(ofExport answer: Answer<ImportReport>, named name: String?) -> Report {
    let found = answer.value
    var report = Report(json: answer.bytes)
    report.fields = [["-", "-", "\(found.expenses)", "\(found.payments)", "0"]]
    report.tables = [balances(of: found)].filter { !$0.rows.isEmpty }
    let wished = (name ?? found.name).map { " \"\($0)\"" } ?? ""
    let sentences: [String] =
      [found.readings.isEmpty ? nil : found.reading, found.period].compactMap(\.self) + [
        "Would make the new group\(wished) as it was, with its history and its comments: \(found.counts)."
      ]
    report.note = sentences.map { SafeText($0) }.joined("\n")
    return report
  }
}
