import KittyShared
import Synchronization
import Testing

@testable import KittyTUI

/// The full screen of a session over ssh: it shows nothing of its machine, and ends with its session.
@Suite struct KioskTests {
  private let group = Fixtures.group(as: .owner)

  private func state(_ screen: some Screen) -> AppState {
    var state = Fixtures.state(screen)
    state.context.kiosk = "kitty@pay.example.org"
    return state
  }

  private let address = UploadAddress(
    url: "https://pay.example.org/upload#kittyup_abc", token: "kittyup_abc",
    expiresAt: Instant(milliseconds: 600_000))

  @Test func photoComesToAnAddressOverSSH() {
    let target = PhotoTarget.group(group.id)
    var state = state(PhotoScreen(target, title: "Photo", hasFiles: false))
    state.get(.preview(target, nil))
    #expect(!state.top.isEditing, "there is no field for a file")
    #expect(state.type("c") == [.createUpload(.photo(target))])
    let wait = state.get(.uploadAddress(.photo(target), address, known: []))
    #expect(wait == [.awaitUpload(.photo(target), known: [], at: address)])
    #expect(state.text.contains(address.url) && state.text.contains("▀"), "\(state.text)")
    // Another user's photo, which did not come to this address.
    let photo = Photo(hash: "a", width: 2, height: 1)
    state.get(.uploaded(target, Photo(hash: "b", width: 2, height: 1)))
    state.get(.uploadDone(UploadAddress(url: "x", token: "x", expiresAt: address.expiresAt)))
    #expect(state.text.contains(address.url), "\(state.text)")
    state.finish(.loadPreview(target))
    #expect(state.get(.uploaded(target, photo)).contains(.loadPreview(target)))
    state.get(.uploadDone(address))
    #expect(state.top is PhotoScreen)
  }

  @Test func receiptComesToAnAddressOverSSH() {
    let entry = Fixtures.expenses[0]
    let target = UploadTarget.receipt(group: group.id, entry: entry.id)
    var data = Fixtures.data
    data.group = group
    var state = state(ReceiptsScreen(data, entry))
    #expect(state.type("n") == [.createUpload(target)])
    let known = ["1 abc"]
    #expect(
      state.get(.uploadAddress(target, address, known: known))
        == [.awaitUpload(target, known: known, at: address)])
    #expect(state.text.contains(address.url) && state.text.contains("Send a receipt"), "\(state.text)")
    let receipt = Receipt(number: 1, name: "bill.pdf", type: .pdf, bytes: 5, hash: "0")
    let changed = Entry(
      id: entry.id, number: entry.number, content: entry.content.replacingReceipt(1, by: receipt),
      createdBy: entry.createdBy, createdAt: entry.createdAt, changedAt: entry.changedAt, deletedAt: nil,
      commentCount: 0, version: 2)
    state.get(.stored(group: group.id, changed))
    // Another user may have added it: the address tells.
    state.get(.receiptAdded(group: group.id, entry: entry.id, 1))
    #expect(state.top is UploadScreen)
    state.get(.uploadDone(address))
    #expect(state.top is ReceiptsScreen && state.text.contains("bill.pdf"), "\(state.text)")
    #expect(state.text.contains("The receipt is added."), "\(state.text)")
    // Without an address there is the command.
    state.type("n")
    state.get(.failed(.createUpload(target), .rejected(.conflict("no_public_url", "Ask the operator."))))
    #expect(state.text.contains("receipt GROUP '#\(entry.number)' < FILE"), "\(state.text)")
  }

  /// Users with an account of the machine, who have no files on it.
  @Test func filesComeToAnAddressWhereTheyAreOff() {
    let entry = ReceiptScreenTests.entry([ReceiptScreenTests.bill])
    let target = UploadTarget.receipt(group: group.id, entry: entry.id)
    var data = Fixtures.data
    data.group = group
    var receipts = Fixtures.state(ReceiptsScreen(data, entry))
    receipts.context.allowsFiles = false
    #expect(
      receipts.type("s").isEmpty && receipts.text.contains("Save it on your machine: kittycash receipt"))
    #expect(receipts.type("n") == [.createUpload(target)], "\(receipts.text)")
    receipts.get(.failed(.createUpload(target), .rejected(.conflict("no_public_url", "Ask the operator."))))
    let words = receipts.text.split { $0.isWhitespace }.joined(separator: " ")
    #expect(words.contains("kittycash receipt GROUP '#\(entry.number)' < FILE"), "\(words)")
    var photo = Fixtures.openGroup()
    photo.context.allowsFiles = false
    photo.type("p")
    photo.get(.preview(.group(group.id), nil))
    #expect(photo.type("c") == [.createUpload(.photo(.group(group.id)))], "\(photo.text)")
  }

  @Test func addressThatWasNotUsedIsReplaced() {
    var state = state(UploadScreen(.photo(.me)))
    state.get(.uploadAddress(.photo(.me), address, known: []))
    // That of an earlier address does no harm.
    state.get(.uploadExpired(UploadAddress(url: "x", token: "x", expiresAt: address.expiresAt)))
    #expect(state.text.contains(address.url))
    state.get(.uploadExpired(address))
    #expect(!state.text.contains("kittyup") && state.text.contains("within ten minutes"), "\(state.text)")
    #expect(state.type("n") == [.createUpload(.photo(.me))])
    state.get(.failed(.createUpload(.photo(.me)), .rejected(.conflict("no_public_url", "Ask the operator."))))
    #expect(state.text.contains("Ask the operator."), "\(state.text)")
  }

  @Test func earlierAddressStillCounts() {
    var state = state(PhotoScreen(.me, title: "Photo", hasFiles: false))
    state.get(.preview(.me, nil))
    state.type("c")
    let other = UploadAddress(
      url: "https://x/upload#kittyup_x", token: "kittyup_x", expiresAt: address.expiresAt)
    state.get(.uploadAddress(.photo(.me), address, known: []))
    state.type("n")
    state.get(.uploadAddress(.photo(.me), other, known: []))
    state.get(.uploadDone(address))
    #expect(state.top is PhotoScreen)
  }

  @Test func endOfTheWaitingIsSaid() {
    var state = state(UploadScreen(.photo(.group(group.id))))
    let target = UploadTarget.photo(.group(group.id))
    state.get(.uploadAddress(target, address, known: []))
    state.get(
      .failed(.awaitUpload(target, known: [], at: address), .rejected(.notFound("group"))))
    #expect(state.text.contains("Not waiting for a file any more. The group does not exist"), "\(state.text)")
  }

  /// The address is asked: a file of another user is none that came to it.
  @Test func onlyAFileOfTheAddressEndsTheWaiting() async throws {
    let photos = Mutex(0)
    let target = UploadTarget.photo(.group(group.id))
    let address = UploadAddress(
      url: "https://pay.example.org/upload#kittyup_abc", token: "kittyup_abc",
      expiresAt: Instant.now.advanced(by: .seconds(60)))
    let server = try FakeServer { request in
      if request.line.hasPrefix("PUT /v1/uploads ") {
        guard request.header("Authorization") == "Bearer kittyup_abc", request.header("Content-Length") == "0"
        else { return (500, "{}") }
        // After the second photo the address is used up.
        let problem =
          photos.withLock { $0 } < 2
          ? Problem(415, "not_a_picture", "No picture", "The file is empty.")
          : Problem(403, "useless_token", "Useless", "It was used.")
        return (problem.status, CommandTests.json(problem))
      }
      let count = photos.withLock { photos in
        photos += 1
        return photos
      }
      let photo = Photo(hash: "h\(min(2, count))", width: 2, height: 1)
      return (200, CommandTests.json(Fixtures.group(with: photo)))
    }
    let messages = try await EffectRun.messages(
      of: .awaitUpload(target, known: ["h0"], at: address), port: server.port)
    guard case .uploaded(.group(group.id), let photo)? = messages.first,
      case .uploadDone(address)? = messages.last
    else { return _ = Issue.record("\(messages)") }
    #expect(photo.hash == "h2" && messages.count == 2)
  }

  @Test func filesOfTheMachineAreNotOffered() {
    var groups = state(GroupsScreen())
    groups.get(.groups([group]))
    groups.type("I")
    #expect(
      !groups.top.isEditing && groups.text.contains("ssh kitty@pay.example.org import --new NAME < FILE"))
    #expect(groups.type("y").first == .copy("ssh kitty@pay.example.org import --new NAME < FILE"))
    var open = Fixtures.openGroup()
    open.context.kiosk = "kitty@pay.example.org"
    open.type("I")
    #expect(!open.top.isEditing && open.text.contains("import \(group.id)"), "\(open.text)")
  }

  @Test func noFormAsksForAFileWhereTheyAreOff() {
    var groups = Fixtures.state(GroupsScreen())
    groups.context.allowsFiles = false
    groups.get(.groups([group]))
    groups.type("I")
    #expect(
      groups.top is GroupsScreen && groups.text.contains("does not read or write files"), "\(groups.text)")
    var open = Fixtures.openGroup()
    open.context.allowsFiles = false
    open.type("I")
    #expect(open.top is GroupScreen && open.text.contains("does not read or write files"), "\(open.text)")
    var imports = Fixtures.state(ImportsScreen(Fixtures.data))
    imports.context.allowsFiles = false
    imports.get(.imports(group: group.id, Fixtures.imports))
    imports.type("I")
    #expect(imports.top is ImportsScreen && imports.text.contains("does not read or write files"))
    // A draft of a form that was opened elsewhere.
    for data in [nil, Fixtures.data] as [GroupData?] {
      var form = Fixtures.state(ImportForm(data, id: Fixtures.id(7), key: Fixtures.id(8)))
      form.type("a.csv")
      let draft = form.top.draft.map {
        Draft.Stored(file: Fixtures.id(600), savedAt: Instant(milliseconds: 0), draft: $0)
      }
      var drafts = Fixtures.state(DraftsScreen(draft.map { [$0] } ?? []))
      drafts.context.allowsFiles = false
      #expect(drafts.press(.enter).isEmpty && drafts.top is DraftsScreen)
      #expect(drafts.text.contains("does not read or write files"), "\(drafts.text)")
    }
    var settings = Fixtures.state(GroupSettingsScreen(Fixtures.data))
    settings.context.allowsFiles = false
    settings.type("x")
    #expect(
      settings.top is GroupSettingsScreen && settings.text.contains("does not read or write files"),
      "\(settings.text)")
  }

  @Test func sessionThatEndsEndsTheProgram() {
    var state = state(GroupsScreen())
    #expect(!state.isEnded)
    _ = state.update(.sessionEnded, at: .now)
    #expect(state.isEnded)
    var expired = self.state(GroupsScreen())
    expired.get(.failed(.loadGroups(.inUse), .rejected(.signInNeeded)))
    #expect(expired.isEnded && expired.top is GroupsScreen, "there is no screen to sign in")
    var left = self.state(GroupsScreen())
    #expect(left.get(.signedOut).contains(.quit))
  }
}
