#!/bin/sh
# Onboards the people of an HR export: adds who is new, with phones and mails, and
# mails each an invite to what departments.csv opens to their department. Whoever is
# in the account or invited already stays as they are.
#
#	sh onboard.sh HR.csv DEPARTMENTS.csv          show what it would do
#	sh onboard.sh HR.csv DEPARTMENTS.csv --yes    do it
set -eu

if [ $# -lt 2 ] || [ $# -gt 3 ] || [ "${3:---yes}" != --yes ]; then
	echo "usage: sh onboard.sh HR.csv DEPARTMENTS.csv [--yes]" >&2
	exit 2
fi
export STAFFCTL_ACTOR="${STAFFCTL_ACTOR:-onboard.sh}" # who asked for it, for the audit

umask 077 # copies of the files hold names and phones
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 130' HUP INT TERM

# Both files in UTF-8, without the mark that some programs begin it with, and
# without the CR at the end of each line of Windows.
plain() {
	from=WINDOWS-1252
	if iconv -f UTF-8 -t UTF-8 "$1" >/dev/null 2>&1; then from=UTF-8; fi
	iconv -f "$from" -t UTF-8 "$1" | LC_ALL=C awk '{ if (NR == 1) sub(/^\357\273\277/, ""); sub(/\r$/, ""); print }'
}
plain "$1" >"$work/hr.csv"
plain "$2" >"$work/departments.csv"

# Who is to be added and who is to be invited: two files for import. A row that is
# left out is an empty line there, so that each row keeps its line.
LC_ALL=C awk -F ';' -v today="$(date +%Y%m%d)" -v work="$work" '
	function say(what) { print "line " FNR ": " what >"/dev/stderr" }
	function refuse(why) { say(why); bad = 1 }

	{ for (i = 1; i <= NF; i++) gsub(/^[ "]+|[ "]+$/, "", $i) }
	NR == FNR { areas[$1] = $2; mails[$1] = $3; next } # departments.csv
	FNR == 1 {
		columns = NF
		for (i = 1; i <= NF; i++) at[$i] = i
		n = split("Anrede Vorname Nachname E-Mail Telefon Mobil Abteilung Austritt", names, " ")
		for (i = 1; i <= n; i++) if (!(names[i] in at)) refuse("there is no column " names[i])
		if (bad) exit
		print "Anrede;Vorname;Nachname;E-Mail;Telefon;Mobil;Mailkategorien" >(work "/members.csv")
		print "Art;E-Mail;Bereiche" >(work "/invites.csv")
		next
	}
	{
		email = tolower($at["E-Mail"])
		department = $at["Abteilung"]
		split($at["Austritt"], left, ".") # as in 31.03.2026
		member = invite = ""
		if ($0 ~ /^[ ;]*$/) {
			# nobody
		} else if (NF != columns || $0 ~ /"/) {
			refuse("a cell with a semicolon or quotes in it; mend it in the HR program")
		} else if ($at["Austritt"] != "" && left[3] left[2] left[1] < today) {
			say(email " has left; see offboard.sh")
		} else if (email in line) {
			say(email " stands in line " line[email] " too; left out")
		} else if (!(department in areas)) {
			refuse("departments.csv has no department \"" department "\"")
		} else {
			line[email] = FNR
			member = $at["Anrede"] ";" $at["Vorname"] ";" $at["Nachname"] ";" email ";" $at["Telefon"] ";" $at["Mobil"] ";" mails[department]
			if (areas[department] != "") invite = "Einladung;" email ";" areas[department]
		}
		print member >(work "/members.csv")
		print invite >(work "/invites.csv")
	}
	END { exit bad ? 3 : 0 }
' OFS=';' "$work/departments.csv" "$work/hr.csv"

look() {
	staffctl import "$work/members.csv" --on-conflict skip --dry-run "$@"
	staffctl import "$work/invites.csv" --on-conflict skip --mail --dry-run "$@"
}
if [ "${3:-}" != --yes ]; then
	look
	echo "nothing was changed: give --yes to do it" >&2
	exit
fi
look --quiet >/dev/null # a slip in either is told, and changes nothing

staffctl import "$work/members.csv" --on-conflict skip
code=0
staffctl import "$work/invites.csv" --on-conflict skip --mail --yes || code=$?
case $code in
0) ;;
9) echo "correct these addresses: staffctl member edit, then invite send" >&2 ;;
esac
exit "$code"
