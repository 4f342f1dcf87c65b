import Foundation
import Testing

/// The files of the stack fit together: the images that are built, their names in `.env`, and docker-compose.yml.
@Suite struct StackFilesTests {
  private static func text(_ name: String) throws -> String {
    try String(contentsOfFile: "\(Deployment.root)/\(name)", encoding: .utf8)
  }

  /// The values of .env.example, also of its commented lines.
  private static func example() throws -> [String: Set<String>] {
    try text(".env.example").matches(of: #/(?m)^#?([A-Z0-9_]+)=(.*)$/#).reduce(into: [:]) { values, line in
      values[String(line.1), default: []].insert(String(line.2))
    }
  }

  @Test func exampleHasEverySettingWithItsDefault() throws {
    let example = try Self.example()
    let files = try FileManager.default.contentsOfDirectory(atPath: Deployment.root)
      .filter { $0.hasPrefix("docker-compose") && $0.hasSuffix(".yml") }
    #expect(files.count > 1)
    for file in files {
      for setting in try Self.text(file).matches(of: #/\$\{([A-Z0-9_]+)(?::-([^}]*))?/#) {
        let name = String(setting.1)
        let values = try #require(example[name], "\(name) of \(file) is not in .env.example")
        guard let standard = setting.2 else { continue }
        #expect(
          values.contains(String(standard)), "\(name) is \(values) in .env.example, \(standard) in \(file)")
      }
    }
  }

  /// Every base image is named in base-images.yml, and nowhere else.
  @Test func baseImagesAreInOneFile() throws {
    let lines = try Self.text("base-images.yml")
      .matches(of: #/(?m)^ +(\w+_IMAGE): \$\{(\w+):-([^:@}]+:[^@}]+(@sha256:[0-9a-f]{64})?)\}$/#)
    #expect(lines.allSatisfy { $0.1 == $0.2 })
    // Debian is the base of two.
    let images = Dictionary(grouping: lines) { String($0.1) }.mapValues { Set($0.map { String($0.3) }) }
    #expect(images.values.allSatisfy { $0.count == 1 }, "\(images)")
    var used: Set<String> = []
    for folder in ["", "postgres/", "redis/", "nginx/", "cloudwatch/"] {
      let text = try Self.text(folder + "Dockerfile")
      for line in text.matches(of: #/(?m)^ARG (\w+_IMAGE)(.*)$/#) {
        used.insert(String(line.1))
        #expect(line.2.isEmpty, "\(folder)Dockerfile: \(line.0)")
      }
      for line in text.matches(of: #/(?m)^FROM (\S+)/#) {
        let isKnown = line.1.hasPrefix("${") || ["scratch", "vips", "build"].contains(line.1)
        #expect(isKnown, "\(folder)Dockerfile: \(line.0)")
      }
    }
    #expect(used.count == 6 && used == Set(images.keys), "\(used)")
    let example = try Self.text(".env.example")
    for name in used {
      // A copy of the name in every .env would outlive it.
      #expect(example.contains("\n#\(name)=") && !example.contains("\n\(name)="), "\(name)")
    }
  }

  /// A name without a registry, or in the namespace of another project, would be pulled from a stranger.
  @Test func imagesComeFromThisMachineUnlessARegistryIsSet() throws {
    let services = try (Self.text("docker-compose.yml") + Self.text("docker-compose.cloudwatch.yml"))
      .matches(of: #/\n +image: (.*)\n +(.*)\n/#)
    #expect(services.count == 6)
    for service in services {
      #expect(service.1.hasPrefix("${IMAGE_REGISTRY:-localhost/kittycash}/kittycash"), "\(service.1)")
      #expect(service.2 == "pull_policy: ${PULL_POLICY:-never}", "\(service.1)")
    }
    struct Environment: Decodable { let registry: String }
    let environments = try JSONDecoder().decode(
      [String: Environment].self, from: Data(Self.text("etc/env.json").utf8))
    #expect(environments.values.allSatisfy { $0.registry == "localhost/kittycash" } && environments.count > 2)
  }

  /// Redis gets its password from a variable or a file, and never as an argument.
  @Test(arguments: [
    ("REDIS_PASSWORD=abc", "requirepass abc"), ("REDIS_PASSWORD_FILE=secret", "requirepass from-the-file"),
    ("REDIS_PASSWORD=", ""), ("REDIS_PASSWORD_FILE=none", "none cannot be read"),
    ("REDIS_PASSWORD_FILE=empty", "empty is empty"),
    ("REDIS_PASSWORD=a REDIS_PASSWORD_FILE=secret", "both set"),
    (#"REDIS_PASSWORD='a"b'"#, "Use letters and digits"),
  ]) func passwordOfRedisIsReadAtItsStart(variables: String, words: String) async throws {
    let outcome = try await shell(
      #"""
      set -e
      dir=$(mktemp -d); trap 'rm -r "$dir"' EXIT
      printf '#!/bin/sh\necho "arguments: $*"; cat\n' >"$dir/redis-server"; chmod +x "$dir/redis-server"
      echo from-the-file >"$dir/secret"; : >"$dir/empty"
      cd "$dir"; PATH="$dir:$PATH" sh -c "$VARIABLES $ROOT/redis/start" 2>&1 || echo refused
      """#, ["ROOT": Deployment.root, "VARIABLES": variables])
    let lines = outcome.output.split(separator: "\n").map(String.init)
    if words.isEmpty || words.hasPrefix("requirepass") {
      #expect(lines.contains("arguments: -") && !lines.contains("refused"), "\(lines)")
      #expect(lines.filter { $0.hasPrefix("requirepass") } == (words.isEmpty ? [] : [words]), "\(lines)")
    } else {
      #expect(lines.last == "refused" && outcome.output.contains(words), "\(lines)")
    }
  }

  /// Builds with a program `docker` that only notes its arguments.
  private func build(_ arguments: String) async throws -> (settings: String, noted: String) {
    let outcome = try await shell(
      #"""
      set -e
      dir=$(mktemp -d); trap 'rm -r "$dir"' EXIT
      printf '#!/bin/sh\necho "$@" >>"%s/noted"\n' "$dir" >"$dir/docker"; chmod +x "$dir/docker"
      install -m 640 "$ROOT/.env.example" "$dir/settings"
      echo "POSTGRES_PASSWORD='a b\$'" >>"$dir/settings"
      PATH="$dir:$PATH" "$ROOT/build_and_push.py" --env test-docker --settings "$dir/settings" $ARGUMENTS >&2
      stat -c 'MODE=%a' "$dir/settings"; cat "$dir/settings"; echo ---; cat "$dir/noted"
      """#, ["ROOT": Deployment.root, "ARGUMENTS": arguments])
    try #require(outcome.succeeded, "\(outcome.errors)")
    let parts = outcome.output.split(separator: "---\n", maxSplits: 1).map(String.init)
    try #require(parts.count == 2, "\(outcome.output)")
    return (parts[0], parts[1])
  }

  @Test(.enabled(if: DeploymentTools.has("python3"), "SKIPPED: python3 is not installed"))
  func buildWritesTheNamesOfItsImages() async throws {
    let built = try await build("--registry docker --build --service kittycash nginx --tag 1.1")
    #expect(built.noted.contains("build --tag localhost/kittycash/kittycash:test-docker-1.1 "))
    for line in [
      "MODE=640", "IMAGE_REGISTRY=localhost/kittycash", "ENV=test-docker", "TAG=1.1", "NGINX_TAG=1.1",
      "PULL_POLICY=never",
      // What was not built keeps its image.
      "DB_TAG=latest", "REDIS_TAG=latest", "POSTGRES_PASSWORD='a b$'", "COPIES=1",
    ] {
      #expect(built.settings.split(separator: "\n").filter { $0 == line }.count == 1, "\(line)\n\(built)")
    }
    let pushed = try await build("--registry registry.example.org/team --build --push --tag 1.2")
    #expect(pushed.noted.contains("push registry.example.org/team/kittycash_db:test-docker-1.2\n"))
    #expect(pushed.settings.contains("\nIMAGE_REGISTRY=registry.example.org/team\n"))
    #expect(pushed.settings.contains("\nPULL_POLICY=if_not_present\n"))
  }

  @Test(.enabled(if: DeploymentTools.has("python3"), "SKIPPED: python3 is not installed"))
  func imagesAreTaggedLabelledAndListed() async throws {
    let outcome = try await shell(
      #"python3 -B -m unittest discover -s "$ROOT/Tests/Stack" 2>&1"#, ["ROOT": Deployment.root])
    #expect(outcome.succeeded && outcome.output.hasSuffix("OK\n"), "\(outcome)")
  }

  /// The command of the workflow, with the variables of a release.
  @Test(.enabled(if: DeploymentTools.has("python3"), "SKIPPED: python3 is not installed"))
  func workflowBuildsWhatItPublishes() async throws {
    let workflow = try Self.text(".github/workflows/publish.yml")
    let line = try #require(workflow.firstMatch(of: #/\n +(\./build_and_push\.py .*)\n/#)?.1)
    let outcome = try await shell(
      #"cd "$ROOT" && bash -c "$LINE --dry-run""#,
      [
        "ROOT": Deployment.root, "LINE": String(line), "REPOSITORY": "Team/Kitty", "VERSION": "v1.2.3",
        "ARCHITECTURE": "arm64",
      ])
    #expect(outcome.succeeded, "\(outcome)")
    let images = try #require(workflow.firstMatch(of: #/IMAGES: (.*)/#)?.1).split(separator: " ")
    #expect(images.count == 4)
    for image in images {
      #expect(outcome.output.contains("docker push ghcr.io/team/kitty/\(image):test-docker-1.2.3-arm64\n"))
      #expect(
        outcome.output.contains("/sbom/\(image)-test-docker-1.2.3-arm64.spdx.json\n"), "\(outcome.output)")
    }
    #expect(workflow.contains("sbom/$image-test-docker-${VERSION#v}-$architecture.spdx.json"))
  }

  @Test(.enabled(if: DeploymentTools.has("python3"), "SKIPPED: python3 is not installed"))
  func imagesOfThisMachineAreNotPushed() async throws {
    let outcome = try await shell(
      #""$ROOT/build_and_push.py" --env test-docker --push --tag 1.0 --dry-run"#, ["ROOT": Deployment.root])
    #expect(!outcome.succeeded && outcome.errors.contains("name a registry with --registry"), "\(outcome)")
  }
}
