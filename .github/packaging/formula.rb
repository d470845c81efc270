# Written by .github/packaging/wrap.py for each release.
class Rehearse < Formula
  desc "Declarative scenario runner and load tester for iCure's MedTech platform"
  homepage "https://github.com/$repository"
  url "https://github.com/$repository/releases/download/v$version/$archive"
  sha256 "$sha256"
  license "MIT"

  depends_on arch: :$brew
  depends_on :linux

  def install
    bin.install "rehearse"
    man1.install Dir["man/*.1"]
    bash_completion.install "completions/rehearse.bash" => "rehearse"
    zsh_completion.install "completions/rehearse.zsh" => "_rehearse"
    fish_completion.install "completions/rehearse.fish"
    doc.install "README.md", "docs", "scenarios"
  end

  test do
    assert_match version.to_s, shell_output("#{bin}/rehearse --version")
    system bin/"rehearse", "init", "new"
    system bin/"rehearse", "check", "new/scenario.yaml"
  end
end
