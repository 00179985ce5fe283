# Calls a Perl function for every event: `perl perl.pl FILE FUNCTION` loads FILE once and is a worker in
# the framing framed/1 of docs/worker-protocol.md. FUNCTION may name its package: `Shop::order`.
#
# JSON is Cpanel::JSON::XS's work or JSON::XS's where one of them is installed, else JSON::PP's, which is in
# Perl itself and takes fifty times as long or more.
package Forklift::Worker;
use strict;
use warnings;
use IO::Handle;
use Scalar::Util qw(blessed refaddr);
use Time::HiRes ();

# First of all: requests and replies go through descriptors that neither the function nor its child
# processes have (descriptors above 2 close on exec), and what anyone prints is log.
open my $requests, '<&', \*STDIN  or die "stdin: $!\n";
open my $replies,  '>&', \*STDOUT or die "stdout: $!\n";
open STDIN,  '<',  '/dev/null' or die "/dev/null: $!\n";
open STDOUT, '>&', \*STDERR    or die "stderr: $!\n";
binmode $_ for $requests, $replies;
STDOUT->autoflush;

my ($file, $function) = @ARGV;
my $shim = __FILE__;
my $process = $$;
my $buffer = '';
my $trace;    # the last exception thrown, its frames, whether it was in the parser: [$exception, \@frames, $parsing]
my $does_not_compile;    # of what `guarded` has called last

my $json = new_json();
my $handler = load_function();
send_message("Forklift-Worker-Protocol: 1\r\n", '');
while (my ($headers, $body) = read_request()) {
    answer($headers, $body);
}
exit 0;

sub new_json {
    my ($class) = grep { eval "require $_" } qw(Cpanel::JSON::XS JSON::XS JSON::PP);
    my $new = $class->new->utf8->allow_nonref->convert_blessed;
    $new->allow_dupkeys if $new->can('allow_dupkeys');
    # Unquoted, which is found out below: Cpanel's own way with infinity is null.
    $new->stringify_infnan(2) if $new->can('stringify_infnan');
    return $new;
}

# Messages

# A request's headers, their names in small letters, and its body; nothing at end-of-file.
sub read_request {
    pos($buffer) = 0;
    until ($buffer =~ /\n\r?\n/g) {
        next if read_more(65536);
        return if $buffer eq '';
        cut_short();
    }
    my $block = substr $buffer, 0, pos $buffer, '';
    my %headers;
    $headers{lc $1} = $2 while $block =~ /^([^:\n]+):[ \t]*([^\r\n]*)/mg;

    my $length = $headers{'content-length'} || 0;
    while ((my $missing = $length - length $buffer) > 0) {
        read_more($missing) or cut_short();
    }
    return \%headers, substr $buffer, 0, $length, '';
}

sub read_more {
    my ($size) = @_;
    while (1) {
        my $count = sysread $requests, $buffer, $size, length $buffer;
        return $count if defined $count;
        die "stdin: $!\n" unless $!{EINTR};
    }
}

sub cut_short {
    print STDERR "perl.pl: stdin ended in the middle of a request\n";
    exit 1;
}

sub send_message {
    my ($headers, $body) = @_;
    STDOUT->flush;
    my $message = $headers . 'Content-Length: ' . length($body) . "\r\n\r\n" . $body;
    my $sent = 0;
    while ($sent < length $message) {
        my $count = syswrite $replies, $message, length($message) - $sent, $sent;
        $sent += $count // ($!{EINTR} ? 0 : exit 1);
    }
}

# Sends and logs a failure; without an id, the worker cannot start.
sub send_failure {
    my ($id, $type, $message, $frames) = @_;
    for ($type, $message) {
        utf8::decode($_) unless utf8::is_utf8($_);
    }
    my $text = join "\n", "[ERROR] $type: $message", map { "    $_" } @$frames;
    utf8::encode($text);
    STDOUT->flush;
    { local ($,, $\); print STDERR "$text\n" }

    my $body = sprintf '{"errorType":%s,"errorMessage":%s,"stackTrace":%s}',
        map { $json->encode($_) } $type, $message, $frames;
    $type =~ s/[^!-~]/?/g;
    send_message((defined $id ? "Lambda-Runtime-Aws-Request-Id: $id\r\n" : '')
        . "Lambda-Runtime-Function-Error-Type: $type\r\n", $body);
}

sub cannot_start {
    my ($type, $message, @frames) = @_;
    send_failure(undef, $type, $message, \@frames);
    exit 1;
}

# Exceptions

# Runs at each `die`, in an `eval` of the function's own as well, and keeps the frames of the last. One
# that is thrown again keeps those of its first time.
sub remember_frames {
    my ($exception) = @_;
    return if $trace && same($trace->[0], $exception);
    if ($trace && goes_on($trace->[0], $exception)) {
        $trace->[0] = $exception;
        return;
    }

    # $^S is undefined in the parser, and in what a BEGIN calls; but that is called by no file.
    my ($in, $text, $is_file) = (caller 1)[3, 6, 7];
    my $parsing = !defined $^S && ($in // '') eq '(eval)' && (defined $text || $is_file);
    my @frames;
    for (my $level = 0; my (undef, $where, $line, $name) = caller $level; $level++) {
        last if $where eq $shim;
        $name = 'eval {...}' if $name eq '(eval)';
        push @frames, ($level ? "$name called " : '') . "at $where line $line";
    }
    $trace = [$exception, \@frames, $parsing];
}

# What dies in a file that is loaded dies again in the file that loads it, with more words.
sub goes_on {
    my ($begun, $exception) = @_;
    return if ref $begun || ref $exception || index $exception, $begun;
    return substr($exception, length $begun) =~ /^(?:Compilation failed in require|BEGIN failed--)/;
}

sub same {
    my ($one, $other) = @_;
    return ref $one || ref $other ? ref $one && ref $other && refaddr($one) == refaddr($other) : $one eq $other;
}

# Calls $code and returns (1, its result), or (0, the exception's class if it has one, its message, its frames).
sub guarded {
    my ($code) = @_;
    my ($returned, $result);
    undef $trace;
    {
        # The block is what a stray `next` or `last` of the function leaves.
        local $_;
        local $SIG{__DIE__} = $SIG{__DIE__} || \&remember_frames;
        $returned = eval { $result = $code->(); 1 } || 0;
    }
    exit 1 if $$ != $process;    # a forked child that came back is no worker
    return 1, $result if $returned;
    return 0, undef, 'the function was left with next, last or redo' unless defined $returned;

    my $exception = $@;
    my $is_known = $trace && same($trace->[0], $exception);
    my $frames = $is_known ? $trace->[1] : [];
    $does_not_compile = $is_known && $trace->[2];
    my ($type, $message);
    eval { ($type, $message) = describe($exception); 1 } or $message = 'an exception that cannot be described';
    return 0, $type, $message, @$frames;
}

# The class and the message of an exception: text, an object, or a hash with errorType and errorMessage.
sub describe {
    my ($exception) = @_;
    my ($type, $message);
    if (blessed $exception) {
        $type = ref $exception;
        $message = $exception->can('message') ? $exception->message : "$exception";
    } elsif (ref $exception eq 'HASH') {
        $type = $exception->{errorType} // $exception->{type};
        $message = $exception->{errorMessage} // $exception->{message};
    }
    $message //= "$exception" =~ s/\n+\z//r;    # the line end keeps the line number out
    return $type, $message;
}

# What a JSON module says, without the line of this file where it said it.
sub reason {
    my ($message) = @_;
    $message =~ s/ at \Q$shim\E line \d+\.?\n?\z//;
    return $message;
}

# Loading

sub load_function {
    open my $source, '<', $file or cannot_start('Runtime.ImportModuleError', "$file cannot be read: $!");
    unshift @INC, $file =~ m{^(.*)/} ? $1 : '.';
    $0 = $file;    # for FindBin

    my ($loaded, $type, $message, @frames) = guarded(sub {
        package main;
        do $file;
        die $@ if $@;
    });
    cannot_start($type // type_of_loading($message, @frames), $message, @frames) if !$loaded;

    my $name = $function =~ /::/ ? $function : "main::$function";
    no strict 'refs';
    return \&$name if defined &$name;

    my ($package, @names) = 'main';
    while (<$source>) {
        last if /^__(?:END|DATA)__/;
        $package = $1 if /^\s*package\s+([\w:]+)/;
        push @names, $package eq 'main' ? $1 : "${package}::$1" if /^\s*sub\s+([\w:]+)/;
    }
    cannot_start('Runtime.HandlerNotFound', $file =~ s{.*/}{}r . " has no function '$function'; it has "
        . (@names ? join ', ', @names : 'none'));
}

# What keeps a file from being loaded has the names that Lambda's runtimes give it.
sub type_of_loading {
    my ($message, @frames) = @_;
    return 'Runtime.ImportModuleError' if $message =~ /\ACan't locate (?!object method)/
        || $message =~ /^Can't continue after import errors| did not return a true value at /m
        || $message =~ / version \S+ required--this is only version /;
    return 'Runtime.UserCodeSyntaxError' if $does_not_compile;
    # FILE has set a handler of its own. What does not compile does not run: it is in no frame.
    my ($where) = $message =~ / at (\S.*?) line \d+/;
    return 'Error' unless defined $where && (-e $where || $where =~ /^\(eval/);
    return (grep { /(?:^| )at \Q$where\E line / } @frames) ? 'Error' : 'Runtime.UserCodeSyntaxError';
}

# Events

sub answer {
    my ($headers, $body) = @_;
    my $id = $headers->{'lambda-runtime-aws-request-id'};
    my $event;
    eval { $event = $json->decode($body); 1 }
        or return send_failure($id, 'Runtime.UnmarshalError', 'the event is not JSON: ' . reason($@), []);

    my $trace_id = $headers->{'lambda-runtime-trace-id'};
    if (defined $trace_id) { $ENV{_X_AMZN_TRACE_ID} = $trace_id } else { delete $ENV{_X_AMZN_TRACE_ID} }
    my $context = Forklift::Context->new($headers);
    my ($returned, $result, $message, @frames) = guarded(sub { scalar $handler->($event, $context) });
    return send_failure($id, $result // 'Error', $message, \@frames) unless $returned;

    my $text = eval {
        my $encoded = $json->encode($result);
        # JSON has no infinity, which the modules write all the same.
        $json->decode($encoded) if $encoded =~ /\b(?:inf|nan)/i;
        $encoded;
    };
    return send_failure($id, 'Runtime.MarshalError', 'the result cannot be JSON: ' . reason($@), [])
        unless defined $text;
    send_message("Lambda-Runtime-Aws-Request-Id: $id\r\n", $text);
}

# What the function is told about the event: the methods of AWS's own runtimes.
package Forklift::Context;

my %constants;

BEGIN {
    %constants = (
        function_name      => $ENV{AWS_LAMBDA_FUNCTION_NAME},
        function_version   => $ENV{AWS_LAMBDA_FUNCTION_VERSION},
        memory_limit_in_mb => $ENV{AWS_LAMBDA_FUNCTION_MEMORY_SIZE},
        log_group_name     => $ENV{AWS_LAMBDA_LOG_GROUP_NAME},
        log_stream_name    => $ENV{AWS_LAMBDA_LOG_STREAM_NAME},
    );
    my @of_the_event = qw(aws_request_id invoked_function_arn tenant_id client_context identity);
    for my $name (keys %constants, @of_the_event) {
        no strict 'refs';
        *$name = sub { $_[0]{$name} };
    }
}

sub new {
    my ($class, $headers) = @_;
    my ($client, $identity) = map { object_in($headers, "lambda-runtime-$_") } qw(client-context cognito-identity);
    return bless {
        %constants,
        aws_request_id       => $headers->{'lambda-runtime-aws-request-id'},
        invoked_function_arn => $headers->{'lambda-runtime-invoked-function-arn'},
        tenant_id            => $headers->{'lambda-runtime-aws-tenant-id'},
        client_context       => $client,
        identity             => $identity,
        deadline             => $headers->{'lambda-runtime-deadline-ms'} || 0,
    }, $class;
}

# The object in a header, or undef. Any caller may have sent anything, which is no fault of the event.
sub object_in {
    my ($headers, $name) = @_;
    return undef unless length($headers->{$name} // '');
    my $value = eval { $json->decode($headers->{$name}) };
    return $value if ref $value eq 'HASH';
    local ($,, $\);
    print STDERR "[WARN] $name is not a JSON object, and the context goes without it\n";
    return undef;
}

sub get_remaining_time_in_millis {
    my ($self) = @_;
    my $left = int($self->{deadline} - Time::HiRes::time() * 1000);
    return $left > 0 ? $left : 0;
}
