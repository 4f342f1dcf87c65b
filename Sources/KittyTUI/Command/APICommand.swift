import ArgumentParser
import FoundationEssentials
import KittyShared

/// `kittycash api`: any request of the contract, with the session of the other commands.
struct APICommand: ScriptCommand {
  static let configuration = CommandConfiguration(
    commandName: "api", abstract: "Send any request of the API, and print its answer.",
    discussion: """
      kittycash api groups
      kittycash api groups/{group}/members --group flat --data '{"name": "Dora"}'
      kittycash api groups/{group}/members/ID --group flat -X PATCH --if-match 3 --data '{"weight": 2}'
      kittycash api groups/{group}/photo --group flat > flat.jpg

      The routes are in docs/openapi.yaml, and at /openapi.yaml of each server. A change in a group carries an \
      idempotency key, so it happens once, even when the request is retried.
      """)

  @OptionGroup var serverOption: ServerOption
  @OptionGroup var keyOption: KeyOption
  @Option(
    name: .customShort("X"),
    help: ArgumentHelp("The method. Default: GET, and POST with a body.", valueName: "method"))
  var method: String?
  @Option(help: ArgumentHelp("The body, a JSON document.", valueName: "json"))
  var data: String?
  @Option(help: ArgumentHelp("The file with the body, or - for standard input.", valueName: "file"))
  var input: String?
  @Option(help: ArgumentHelp("The type of the body.", valueName: "type"))
  var type = "application/json"
  @Option(help: ArgumentHelp("The version that is changed, as the ETag has it.", valueName: "version"))
  var ifMatch: Int64?
  @Option(
    help: ArgumentHelp("The group for {group} in the path: the beginning of its name, or its id."),
    completion: GroupCompletion.kind)
  var group: String?
  @Flag(help: "Print all pages of a list as one document.")
  var all = false
  @Argument(help: "The path below /v1/, with its query: 'groups?archived=true'.") var path: String

  private static let methods = ["GET", "POST", "PUT", "PATCH", "DELETE"]

  func validate() throws {
    if let method, !Self.methods.contains(method.uppercased()) {
      throw ValidationError("\"\(method)\" is no method of the API: \(Self.methods.joined(separator: ", ")).")
    }
    if data != nil, input != nil { throw ValidationError("--data and --input cannot be combined.") }
    if all, verb != "GET" { throw ValidationError("--all is for lists, which are read with GET.") }
    if keyOption.key != nil, !isKeyed {
      throw ValidationError("--key is for changes in a group: this request takes no key.")
    }
    if path.contains("{group}") != (group != nil) {
      throw ValidationError(
        group == nil ? "Name the group for {group} with --group." : "--group is for {group} in the path.")
    }
    let isPlain = path.utf8.allSatisfy { (0x21...0x7e).contains($0) && $0 != UInt8(ascii: "#") }
    if !isPlain || path.contains("..") {
      throw ValidationError("Write the path in ASCII without spaces, and percent-encode other characters.")
    }
  }

  private var verb: String { method?.uppercased() ?? (data == nil && input == nil ? "GET" : "POST") }

  /// The path below `/v1/`.
  private var place: String { String(path.trimmingPrefix("/").trimmingPrefix("v1/")) }

  /// Only changes in a group take a key. Without one a change is not sent twice.
  private var isKeyed: Bool { verb != "GET" && (place == "groups" || place.hasPrefix("groups/")) }

  func perform(_ environment: CommandEnvironment) async throws(CommandFailure) {
    var connection = try Connection(serverOption, environment).signedIn()
    connection.api = connection.api.accepting(512 << 20)
    let body = try body(environment)
    var path = place
    if let group { path.replace("{group}", with: "\(try await connection.group(group))") }
    let key = isKeyed ? keyOption.id : nil
    var headers = key.map { [("Idempotency-Key", "\($0)")] } ?? []
    if let ifMatch { headers.append(("If-Match", "\"\(ifMatch)\"")) }
    if body != nil { headers.append(("Content-Type", type)) }
    let (url, sent) = ("/v1/\(path)", headers)
    let answer = try await connection.ask(key: key) { (api) throws(ClientFailure) in
      all ? try await api.allPages(url) : try await api.raw(verb, url, headers: sent, body: body)
    }
    if answer.isText { return try environment.write(SafeJSON.bytes(answer.bytes)) }
    guard !environment.isTerminal || answer.bytes.isEmpty else {
      throw CommandFailure(.usage, "The answer is no JSON: send it to a file with > or to a program with |.")
    }
    try environment.write(answer.bytes)
  }

  private func body(_ environment: CommandEnvironment) throws(CommandFailure) -> UploadBody? {
    if let data { return .bytes(Array(data.utf8)) }
    guard let input else { return nil }
    guard input == "-" else {
      try environment.requireFiles()
      return .file(input)
    }
    let limit = 64 << 20
    let bytes = try environment.readAll(limit)
    guard bytes.count <= limit else {
      throw CommandFailure(.failed, "Standard input is above 64 MiB: use --input with a file.")
    }
    return .bytes(bytes)
  }
}
