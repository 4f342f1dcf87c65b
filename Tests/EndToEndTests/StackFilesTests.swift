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
    for file in ["docker-compose.yml", "docker-compose.aws.yml"] {
      for setting in try Self.text(file).matches(of: #/\$\{([A-Z0-9_]+)(?::-([^}]*))?/#) {
        let name = String(setting.1)
        let values = try #require(example[name], "\(name) of \(file) is not in .env.example")
        guard let standard = setting.2 else { continue }
        #expect(
          values.contains(String(standard)), "\(name) is \(values) in .env.example, \(standard) in \(file)")
      }
    }
  }

  /// A name without a registry, or in the namespace of another project, would be pulled from a stranger.
  @Test func imagesComeFromThisMachineUnlessARegistryIsSet() throws {
    let services = try Self.text("docker-compose.yml").matches(of: #/\n +image: (.*)\n +(.*)\n/#)
    #expect(services.count == 4)
    for service in services {
      #expect(service.1.hasPrefix("${IMAGE_REGISTRY:-localhost/kittycash}/kittycash"), "\(service.1)")
      #expect(service.2 == "pull_policy: ${PULL_POLICY:-never}", "\(service.1)")
    }
    struct Environment: Decodable { let registry: String }
    let environments = try JSONDecoder().decode(
      [String: Environment].self, from: Data(Self.text("etc/env.json").utf8))
    #expect(environments.values.allSatisfy { $0.registry == "localhost/kittycash" } && environments.count > 2)
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
  func imagesOfThisMachineAreNotPushed() async throws {
    let outcome = try await shell(
      #""$ROOT/build_and_push.py" --env test-docker --push --tag 1.0 --dry-run"#, ["ROOT": Deployment.root])
    #expect(!outcome.succeeded && outcome.errors.contains("name a registry with --registry"), "\(outcome)")
  }
}
