#!/bin/sh
# Somebody calls who cannot sign in. Finds them by parts of the name, the e-mail or
# the phone, shows what is so and why, and then does what helps.
#
#	sh support-call.sh WORDS                   show who it is
#	sh support-call.sh WORDS unlock            they mistyped the password too often
#	sh support-call.sh WORDS password          they forgot it: mail a link
#	sh support-call.sh WORDS second-factor     they lost the phone: mail a link
#	sh support-call.sh WORDS invite            the invite has expired or is lost: mail it again
#	sh support-call.sh WORDS ACTION --yes      do it instead of showing it
set -eu

if [ $# -lt 1 ] || [ $# -gt 3 ] || [ "${3:---yes}" != --yes ]; then
	echo "usage: sh support-call.sh WORDS [unlock|password|second-factor|invite [--yes]]" >&2
	exit 2
fi
how=${3:---dry-run}
export STAFFCTL_ACTOR="${STAFFCTL_ACTOR:-support-call.sh}" # who asked for it, for the audit

found=$(staffctl member list --search "$1" -o name)
case $(printf '%s' "$found" | grep -c '') in
0)
	echo "nobody fits \"$1\"; if they wait for an invite, see staffctl invite list" >&2
	exit 4
	;;
1) ;;
*)
	staffctl member list --search "$1" --columns name,email,phones,status
	echo "more than one fits: ask for more of the name, the e-mail or the phone" >&2
	exit 5
	;;
esac

case ${2:-} in
"")
	staffctl member show "email:$found"
	staffctl invite list --email "$found"
	;;
unlock) staffctl member unlock "email:$found" "$how" ;;
password) staffctl member reset-password "email:$found" "$how" ;;
second-factor) staffctl member reset-second-factor "email:$found" "$how" ;;
invite)
	invite=$(staffctl invite list --email "$found" -o name | tail -n 1)
	if [ -z "$invite" ]; then
		echo "$found was never invited; see staffctl invite send" >&2
		exit 4
	fi
	staffctl invite resend "$invite" "$how"
	;;
*)
	echo "support-call.sh cannot $2: unlock, password, second-factor or invite" >&2
	exit 2
	;;
esac
