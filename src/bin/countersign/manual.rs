//! What `--help` and the manual page say beyond the arguments: examples, exit statuses, variables.

use clap::CommandFactory as _;
use clap_mangen::Man;
use clap_mangen::roff::{Inline, Roff, bold, roman};

use crate::arguments::Arguments;
use crate::output::Failure;

/// A command's own part of the manual.
struct Page {
    command: &'static str,
    /// What it does, and the command. Lines fit a terminal: wrapped, they would no longer be one command when copied.
    examples: &'static [(&'static str, &'static str)],
    statuses: &'static [(&'static str, &'static str)],
    variables: &'static [(&'static str, &'static str)],
    notes: &'static str,
}

const DONE: (&str, &str) = ("0", "Done.");
const ERROR: (&str, &str) = ("1", "An error.");
const ERROR_OF_MANY: (&str, &str) = ("1", "An error; of many lines, at least one failed.");
const USAGE: (&str, &str) = ("2", "Wrong usage.");

const KEY_PAIR_ID: (&str, &str) = ("COUNTERSIGN_KEY_PAIR_ID", "Default for --key-pair-id.");
const PRIVATE_KEY: (&str, &str) = ("COUNTERSIGN_PRIVATE_KEY", "Default for --private-key: the key itself, or file://PATH.");
const NO_COLOR: (&str, &str) = ("NO_COLOR", "No colours, even on a terminal.");
const CORES: (&str, &str) = ("RAYON_NUM_THREADS", "How many cores to use. Default: all.");

const PAGES: &[Page] = &[
    Page {
        command: "sign",
        examples: &[
            (
                "One URL, for two hours",
                r"countersign sign https://d111111abcdef8.cloudfront.net/film.mp4 \
    --key-pair-id K2JCJMDEHXQW5F --private-key file://private_key.pem \
    --date-less-than 2h",
            ),
            ("A list, one URL a line, on every core", r"countersign sign --url - --date-less-than 7d < urls.txt > signed.txt"),
            (
                "One signature for a whole folder",
                r"countersign sign --url - --date-less-than 7d \
    --policy-resource 'https://d111111abcdef8.cloudfront.net/films/*' \
    < urls.txt > signed.txt",
            ),
        ],
        statuses: &[DONE, ERROR_OF_MANY, USAGE],
        variables: &[KEY_PAIR_ID, PRIVATE_KEY, CORES, NO_COLOR],
        notes: "",
    },
    Page {
        command: "sign-cookies",
        examples: &[(
            "Set-Cookie headers for a folder",
            r"countersign sign-cookies \
    --resource 'https://d111111abcdef8.cloudfront.net/films/*' \
    --key-pair-id K2JCJMDEHXQW5F --private-key file://private_key.pem \
    --date-less-than 2h --set-cookie",
        )],
        statuses: &[DONE, ERROR, USAGE],
        variables: &[KEY_PAIR_ID, PRIVATE_KEY],
        notes: "",
    },
    Page {
        command: "manifest",
        examples: &[
            (
                "A playlist whose segments are in its folder",
                r"countersign manifest index.m3u8 \
    --url https://d111111abcdef8.cloudfront.net/films/index.m3u8 \
    --key-pair-id K2JCJMDEHXQW5F --private-key file://private_key.pem \
    --date-less-than 2h > signed.m3u8",
            ),
            (
                "A DASH manifest that your own site hands out",
                r"countersign manifest - --absolute --date-less-than 2h \
    --url https://d111111abcdef8.cloudfront.net/films/index.mpd < index.mpd",
            ),
        ],
        statuses: &[DONE, ERROR, USAGE],
        variables: &[KEY_PAIR_ID, PRIVATE_KEY],
        notes: "",
    },
    Page {
        command: "verify",
        examples: &[
            ("Why does this URL get a 403?", r#"countersign verify "$URL" --public-key file://public_key.pem"#),
            (
                "At another moment, from an address, with two keys",
                r#"countersign verify "$URL" --at 2030-12-31T23:00:00Z --ip-address 192.0.2.1 \
    --public-key K2JCJMDEHXQW5F=file://public_key.pem \
    --public-key K36X4X2EO997HM=file://old_public_key.pem"#,
            ),
            (
                "A list, as JSON lines",
                r"countersign verify --url - --public-key file://public_key.pem \
    --output json < signed.txt",
            ),
        ],
        statuses: &[("0", "Allowed; of many URLs, all."), ERROR_OF_MANY, USAGE, ("3", "Denied; of many URLs, at least one.")],
        variables: &[CORES, NO_COLOR],
        notes: "",
    },
    Page {
        command: "inspect",
        examples: &[
            ("What is in a URL", r#"countersign inspect "$URL""#),
            (
                "What is in the cookies of a request",
                r#"countersign inspect "CloudFront-Policy=…; CloudFront-Signature=…; CloudFront-Key-Pair-Id=…""#,
            ),
            ("A list, as JSON lines", "countersign inspect --url - --output json < urls.txt"),
        ],
        statuses: &[("0", "Nothing looks wrong."), ERROR_OF_MANY, USAGE, ("3", "There is an error among the findings.")],
        variables: &[CORES, NO_COLOR],
        notes: "",
    },
    Page {
        command: "logs",
        examples: &[
            (
                "A day of logs, copied from the bucket",
                r"countersign logs logs/2030-12-31 \
    --public-key K2JCJMDEHXQW5F=file://public_key.pem",
            ),
            ("As an HTML page", "countersign logs 'logs/*.gz' --public-key file://public_key.pem --html report.html"),
            (
                "Which links were denied, and why, with another program",
                r#"countersign logs - --output json < log.gz \
    | jq -r 'select(.decision == "denied") | .reasonCode' \
    | sort | uniq -c"#,
            ),
        ],
        statuses: &[DONE, ("1", "A file, or everything in it, could not be read."), USAGE],
        variables: &[CORES],
        notes: "The queries in a log are working links until they expire: protect logs like keys. The report contains no queries, and \
                shortens IP addresses to their network.",
    },
    Page {
        command: "keygen",
        examples: &[("A key pair on P-256, the faster kind", "countersign keygen --type ecdsa --out keys")],
        statuses: &[DONE, ERROR, USAGE],
        variables: &[],
        notes: "",
    },
    Page {
        command: "public-key",
        examples: &[(
            "The file to upload to CloudFront",
            r"countersign public-key --private-key file://private_key.pem \
    > public_key.pem",
        )],
        statuses: &[DONE, ERROR, USAGE],
        variables: &[PRIVATE_KEY],
        notes: "",
    },
    #[cfg(not(target_family = "wasm"))]
    Page {
        command: "serve",
        examples: &[
            (
                "A folder",
                r"countersign serve --root private_files --listen 8080 \
    --public-key K2JCJMDEHXQW5F=file://public_key.pem",
            ),
            (
                "A local server",
                r"countersign serve --origin http://127.0.0.1:3000 --listen 8080 \
    --public-key file://public_key.pem",
            ),
        ],
        statuses: &[("0", "It was told to stop."), ERROR, USAGE],
        variables: &[],
        notes: "The log goes to standard error, a line for each request: time, viewer, method, path, status, decision.\n\
                GET and HEAD are answered, with ranges and conditions; other methods get 405.",
    },
    Page {
        command: "completions",
        examples: &[("For this shell, now", r#"eval "$(countersign completions bash)""#)],
        statuses: &[DONE, ERROR, USAGE],
        variables: &[],
        notes: "",
    },
    Page {
        command: "man",
        examples: &[("One page", "countersign man sign | man -l -")],
        statuses: &[DONE, ERROR, USAGE],
        variables: &[],
        notes: "",
    },
];

/// The first page, that of the program.
const MAIN: Page = Page {
    command: "countersign",
    examples: &[
        ("Make a key pair", "countersign keygen --type ecdsa --out ."),
        (
            "Sign a URL for two hours",
            r"countersign sign https://d111111abcdef8.cloudfront.net/film.mp4 \
    --key-pair-id K2JCJMDEHXQW5F --private-key file://private_key.pem \
    --date-less-than 2h",
        ),
        ("Say why a URL is refused", r#"countersign verify "$URL" --public-key file://public_key.pem"#),
    ],
    statuses: &[DONE, ERROR_OF_MANY, USAGE, ("3", "Denied (verify), or an error among the findings (inspect).")],
    variables: &[KEY_PAIR_ID, PRIVATE_KEY, CORES, NO_COLOR],
    notes: "- means standard input wherever a file or a URL is accepted. Values such as sha256 or lax may be in any case.",
};

impl Page {
    /// As `--help` ends.
    fn help(&self, also: &str) -> String {
        let mut parts = vec![also.to_owned(), self.notes.to_owned()];
        let examples: String =
            self.examples.iter().map(|(what, command)| format!("\n  {}\n  {command}\n", titled(what))).collect();
        parts.push(format!("Examples:{}", examples.trim_end()));
        parts.push(listed("Exit status:", self.statuses));
        if !self.variables.is_empty() {
            parts.push(listed("Environment:", self.variables));
        }
        parts.retain(|part| !part.is_empty());
        parts.join("\n\n")
    }

    /// As the manual page ends.
    fn roff(&self, siblings: &[&str]) -> Roff {
        let mut roff = Roff::new();
        if !self.notes.is_empty() {
            roff.control("SH", ["NOTES"]);
            roff.text([roman(self.notes)]);
        }
        roff.control("SH", ["EXAMPLES"]);
        for (what, command) in self.examples {
            roff.control("PP", []);
            roff.text([roman(titled(what))]);
            roff.control("PP", []);
            roff.control("RS", ["4"]);
            roff.control("nf", []);
            roff.text([roman(*command)]);
            roff.control("fi", []);
            roff.control("RE", []);
        }
        for (heading, list) in [("EXIT STATUS", self.statuses), ("ENVIRONMENT", self.variables)] {
            if !list.is_empty() {
                roff.control("SH", [heading]);
            }
            for (name, meaning) in list {
                roff.control("TP", []);
                roff.text([bold(*name)]);
                roff.text([roman(*meaning)]);
            }
        }
        roff.control("SH", ["SEE ALSO"]);
        let mut also: Vec<Inline> = Vec::new();
        for name in siblings {
            if !also.is_empty() {
                also.push(roman(", "));
            }
            also.extend([bold(*name), roman("(1)")]);
        }
        roff.text(also);
        roff
    }
}

/// What an example does, before its command.
fn titled(what: &str) -> String {
    if what.ends_with('?') { what.to_owned() } else { format!("{what}:") }
}

fn listed(heading: &str, list: &[(&str, &str)]) -> String {
    let width = list.iter().map(|(name, _)| name.len()).max().unwrap_or_default();
    let lines = list.iter().map(|(name, meaning)| format!("\n  {name:width$}  {meaning}"));
    format!("{heading}{}", lines.collect::<String>())
}

/// The arguments with what `--help` ends in.
pub fn command() -> clap::Command {
    PAGES.iter().fold(Arguments::command().after_long_help(MAIN.help("")), |command, page| {
        command.mut_subcommand(page.command, |command| {
            let also = command.get_after_help().map(ToString::to_string).unwrap_or_default();
            command.after_long_help(page.help(&also))
        })
    })
}

/// The page of one command, or the main page with those of all commands after it.
pub fn roff(wanted: Option<&str>) -> Result<String, Failure> {
    let mut main = Arguments::command();
    main.build();
    let mut pages = vec![(main.clone(), &MAIN)];
    pages.extend(PAGES.iter().filter_map(|page| Some((main.find_subcommand(page.command)?.clone(), page))));
    if let Some(name) = wanted {
        pages.retain(|(_, page)| page.command == name);
    }
    if pages.is_empty() {
        let known = PAGES.iter().map(|page| page.command).collect::<Vec<_>>().join(", ");
        return Err(Failure::usage(format!("there is no command {}; there are {known}", wanted.unwrap_or_default())));
    }
    let names: Vec<String> = PAGES.iter().map(|page| format!("countersign-{}", page.command)).collect();
    let mut text = Vec::new();
    for (command, page) in pages {
        let mut siblings: Vec<&str> = vec!["countersign"];
        siblings.extend(names.iter().map(String::as_str));
        siblings.retain(|name| *name != page.command && name.strip_prefix("countersign-") != Some(page.command));
        render(&command, &page.roff(&siblings), &mut text)
            .map_err(|error| Failure::other(format!("the page cannot be made: {error}")))?;
    }
    Ok(String::from_utf8_lossy(&text).into_owned())
}

fn render(command: &clap::Command, ending: &Roff, into: &mut Vec<u8>) -> std::io::Result<()> {
    let man = Man::new(command.clone());
    man.render_title(into)?;
    man.render_name_section(into)?;
    man.render_synopsis_section(into)?;
    man.render_description_section(into)?;
    man.render_options_section(into)?;
    if command.get_subcommands().next().is_some() {
        man.render_subcommands_section(into)?;
    }
    // Only the commands that take dates have something there.
    if let Some(dates) = command.get_after_help() {
        let mut roff = Roff::new();
        roff.control("SH", ["DATES"]);
        roff.text([roman(dates.to_string())]);
        roff.to_writer(into)?;
    }
    ending.to_writer(into)?;
    man.render_version_section(into)
}

#[cfg(test)]
mod tests {
    use super::{PAGES, command};

    #[test]
    fn every_command_has_a_page() {
        command().debug_assert();
        for known in command().get_subcommands() {
            assert!(PAGES.iter().any(|page| page.command == known.get_name()), "{}", known.get_name());
        }
    }
}
