#!/usr/bin/perl
# Turn PostgreSQL's log into one JSON line per event. DETAIL, STATEMENT and continued lines belong to the line before
# them, and only silence tells that a message is over. The server writes each message in one piece, so what one read
# brings is complete unless it fills whole pages of the pipe; then 20 ms are plenty for the rest.
use strict;
use warnings;

my %LEVEL = (
    DEBUG => 'debug', LOG => 'info', INFO => 'info', NOTICE => 'info', WARNING => 'warning',
    ERROR => 'error', FATAL => 'error', PANIC => 'critical',
);
my ($pending, $part);

$SIG{$_} = 'IGNORE' for qw(INT TERM HUP QUIT);    # the end of input ends this program, so the last lines are written
my ($buffer, $read) = ('', 0);
while (1) {
    vec(my $ready = '', 0, 1) = 1;
    if ($pending && !select($ready, undef, undef, $read % 4096 && !length $buffer ? 0 : 0.02)) { emit(); next; }
    $read = sysread(STDIN, $buffer, 65536, length $buffer) or last;
    take($1) while $buffer =~ s/^([^\n]*)\n//;
}
take($buffer) if length $buffer;
emit();

# The prefix is set in settings.sh: time, process, user, database, application, each ended by the unit separator.
sub take {
    my ($line) = @_;
    if ($line =~ s/^(\d{4}-\d\d-\d\d) ([\d:.]+) \w+\x1f(\d+)\x1f//) {
        my %session = (ts => "$1T$2Z", pid => $3);
        @session{qw(user database application)} = ($1, $2, $3) if $line =~ s/^([^\x1f]*)\x1f([^\x1f]*)\x1f([^\x1f]*)\x1f//;
        my ($word, $text) = $line =~ /^([A-Z]+)\d?:  (.*)/s ? ($1, $2) : ('LOG', $line);
        return start($LEVEL{$word}, $text, %session) if $LEVEL{$word};
        return add(lc $word, $text) if $pending && $pending->{pid} eq $session{pid};
        return start('info', "$word: $text", %session);
    }
    return add($part, $1, "\n") if $line =~ /^\t(.*)/ && $pending;
    my $level = $line =~ /\b(ERROR|FATAL|PANIC|error|fatal):/ ? 'error' : $line =~ /\bWARNING:/i ? 'warning' : 'info';
    start($level, $line, ts => now(), pid => getppid());
}

sub start {
    my ($level, $event, %fields) = @_;
    emit();
    $pending = {%fields, level => $level, logger => 'postgres', event => $event};
    $part = 'event';
}

sub add {
    ($part, my $text, my $separator) = @_;
    $pending->{$part} = defined $pending->{$part} ? $pending->{$part} . ($separator // '; ') . $text : $text;
}

sub emit {
    return unless $pending;
    my @names = grep { defined $pending->{$_} && length $pending->{$_} }
        qw(ts level logger event pid user database application detail hint query context location backtrace statement);
    my $json = join ', ', map { qq("$_": ) . ($_ eq 'pid' ? $pending->{$_} : quote($pending->{$_})) } @names;
    syswrite STDOUT, "{$json}\n";
    undef $pending;
}

sub quote {
    my ($text) = @_;
    utf8::encode($text) unless utf8::decode(my $copy = $text);    # bytes that are no UTF-8 are read as Latin-1
    $text =~ s/(["\\])/\\$1/g;
    $text =~ s/([\x00-\x1f\x7f])/sprintf '\\u%04x', ord $1/ge;
    return qq("$text");
}

sub now {
    my @time = gmtime;
    return sprintf '%04d-%02d-%02dT%02d:%02d:%02d.000Z', $time[5] + 1900, $time[4] + 1, @time[3, 2, 1, 0];
}
