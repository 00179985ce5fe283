# frozen_string_literal: true

# Forklift's shim for Ruby 2.7 and later: calls a method of a file for every event.
#
#     ruby ruby.rb FILE FUNCTION
#
# speaks docs/worker-protocol.md, framing `framed`, on stdin and stdout. FILE is required once, with
# its folder on the load path. FUNCTION is a top-level method or `Class.method`. It gets event and
# context by keyword when it takes keywords, else by position, as many of them as it takes. What it
# returns is the answer, as JSON. What the process prints to stdout goes to the log.

require 'json'

# A method that FILE defines at its top goes before Kernel's of that name, here as well. So those are called
# by the name of their module.
module Forklift
  MAX_NESTING = 10_000

  # What a function knows of its call, by the names of AWS's own Ruby runtime.
  class Context
    attr_reader :aws_request_id, :deadline_ms, :invoked_function_arn, :tenant_id, :identity, :client_context

    def initialize(headers)
      @aws_request_id = headers['lambda-runtime-aws-request-id']
      @deadline_ms = headers['lambda-runtime-deadline-ms'].to_i
      @invoked_function_arn = headers['lambda-runtime-invoked-function-arn']
      @tenant_id = headers['lambda-runtime-aws-tenant-id']
      @identity = parsed(headers, 'lambda-runtime-cognito-identity')
      @client_context = parsed(headers, 'lambda-runtime-client-context')
    end

    def function_name
      ENV['AWS_LAMBDA_FUNCTION_NAME']
    end

    def function_version
      ENV['AWS_LAMBDA_FUNCTION_VERSION']
    end

    # A string, as in AWS's own runtime.
    def memory_limit_in_mb
      ENV['AWS_LAMBDA_FUNCTION_MEMORY_SIZE']
    end

    def log_group_name
      ENV['AWS_LAMBDA_LOG_GROUP_NAME']
    end

    def log_stream_name
      ENV['AWS_LAMBDA_LOG_STREAM_NAME']
    end

    def get_remaining_time_in_millis
      [@deadline_ms - Process.clock_gettime(Process::CLOCK_REALTIME, :millisecond), 0].max
    end

    private

    # The object in a header, or nil. Any caller may have sent anything, which is no fault of the event.
    def parsed(headers, name)
      text = headers[name]
      return if text.nil? || text.empty?

      value = begin
        Forklift.parse(text.dup.force_encoding(Encoding::UTF_8))
      rescue JSON::ParserError, EncodingError
        nil
      end
      return value if value.is_a?(Hash)

      STDERR.write("[WARN] #{name} is not a JSON object, and the context goes without it\n")
      nil
    end
  end

  # An error as the caller gets it.
  class Failure
    attr_reader :type

    def initialize(type, message, trace = [])
      @type = type
      @message = utf8(message)
      @trace = trace.map { |line| utf8(line) }
    end

    # What keeps a file from being loaded has the names that Lambda's runtimes give it.
    def self.of_loading(error)
      type = 'Runtime.ImportModuleError' if error.is_a?(LoadError)
      type = 'Runtime.UserCodeSyntaxError' if error.is_a?(SyntaxError)
      return new('Runtime.HandlerNotFound', error.message) if error.is_a?(Function::NotFound)

      of(error, type)
    end

    def self.of(error, type = nil)
      trace = (error.backtrace || []).reject do |frame|
        frame.start_with?(__FILE__, '<internal:') || frame.include?('/core_ext/kernel_require.rb:')
      end
      trace[50..-51] = "... #{trace.size - 100} more ..." if trace.size > 100
      new(type || error.class.to_s, error.message.to_s, trace)
    end

    def log
      STDERR.write(["[ERROR] #{utf8(@type)}: #{@message}", *@trace].join("\n    "), "\n")
      self
    end

    def header
      "Lambda-Runtime-Function-Error-Type: #{@type.b.gsub(/[^!-~]/n, '?')}\r\n"
    end

    def body
      JSON.generate(errorType: utf8(@type), errorMessage: @message, stackTrace: @trace)
    end

    private

    def utf8(text)
      text = text.dup.force_encoding(Encoding::UTF_8) if text.encoding == Encoding::BINARY
      text.encode(Encoding::UTF_8, invalid: :replace, undef: :replace).scrub
    end
  end

  # The two pipes, which nobody else gets to see.
  class Wire
    class Broken < StandardError; end

    def initialize
      @input = STDIN.dup.binmode
      @output = STDOUT.dup.binmode
      @output.sync = true
      STDIN.reopen(File::NULL)
      STDOUT.reopen(STDERR)
      STDOUT.sync = true
    end

    # The headers and the body of the next request; nil when there are no more.
    def receive
      headers = {}
      while (line = @input.gets("\n"))
        Kernel.raise Broken, 'stdin ended inside a request' unless line.end_with?("\n")

        line.chomp!
        return headers, body(headers['content-length']) if line.empty?

        colon = line.index(':') or Kernel.raise Broken, 'a header line without a colon'
        headers[line[0, colon].downcase] = line[colon + 1..-1].strip
      end
      Kernel.raise Broken, 'stdin ended inside a request' unless headers.empty?
    end

    def deliver(headers, body)
      @output.write(headers, "Content-Length: #{body.bytesize}\r\n\r\n", body)
    rescue Errno::EPIPE
      Process.exit!(1)
    end

    private

    def body(length)
      Kernel.raise Broken, 'a request without a length' unless length&.match?(/\A\d+\z/)

      length = length.to_i
      body = @input.read(length)
      Kernel.raise Broken, 'stdin ended inside a request' unless body && body.bytesize == length

      body.force_encoding(Encoding::UTF_8)
    end
  end

  # The user's method.
  class Function
    class NotFound < StandardError; end

    def initialize(file, name)
      @before = own_methods
      $LOAD_PATH.unshift(File.dirname(file))
      require file
      @method = find(file, name)
      @arguments = arguments_of(@method.parameters)
    end

    def call(event, context)
      case @arguments
      when :both then @method.call(event: event, context: context)
      when Integer then @method.call(*[event, context].first(@arguments))
      else @method.call(**{ event: event, context: context }.slice(*@arguments))
      end
    end

    private

    def own_methods
      Object.private_instance_methods(false) | Object.public_instance_methods(false)
    end

    def find(file, name)
      owner, _, method = name.rpartition('.')
      unless owner.empty?
        receiver = constant(owner)
        Kernel.raise NotFound, "#{file} has no class or module #{owner}" unless receiver
        return method_of(receiver, method) if receiver.respond_to?(method)

        Kernel.raise NotFound, "#{owner} in #{file} has no method #{method}"
      end

      main = TOPLEVEL_BINDING.receiver
      found = method_of(main, method) if main.respond_to?(method, true)
      return found if found && ![Kernel, BasicObject].include?(found.owner)

      names = (own_methods - @before).sort.join(', ')
      Kernel.raise NotFound, "#{file} has no method #{name}; it has #{names.empty? ? 'none' : names}"
    end

    def method_of(receiver, name)
      Kernel.instance_method(:method).bind(receiver).call(name)
    end

    def constant(name)
      Object.const_get(name)
    rescue NameError
      nil
    end

    # Which of the two to pass: a number of positions, `:both` keywords, or the names of some.
    def arguments_of(parameters)
      kinds = parameters.map(&:first)
      if (kinds & %i[key keyreq keyrest]).any?
        names = %i[event context] & parameters.map(&:last)
        return kinds.include?(:keyrest) || names.size == 2 ? :both : names
      end
      kinds.include?(:rest) ? 2 : [kinds.count { |kind| %i[req opt].include?(kind) }, 2].min
    end
  end

  module_function

  def run(file, name)
    wire = Wire.new
    function = load_function(wire, file, name)
    wire.deliver("Forklift-Worker-Protocol: 1\r\n", '')
    while (headers, body = wire.receive)
      id = "Lambda-Runtime-Aws-Request-Id: #{headers['lambda-runtime-aws-request-id']}\r\n"
      ENV['_X_AMZN_TRACE_ID'] = headers['lambda-runtime-trace-id']
      case answer = answer_to(function, headers, body)
      when Failure then wire.deliver(id + answer.log.header, answer.body)
      else wire.deliver(id, answer)
      end
    end
  rescue Wire::Broken => e
    Kernel.abort("ruby.rb: #{e.message}")
  end

  def load_function(wire, file, name)
    Function.new(file, name)
  rescue SystemExit, SignalException => e
    Kernel.raise e
  rescue Exception => e # rubocop:disable Lint/RescueException
    failure = Failure.of_loading(e).log
    wire.deliver(failure.header, failure.body)
    Kernel.exit(1)
  end

  # JSON, or a Failure.
  def answer_to(function, headers, body)
    begin
      event = parse(body)
    rescue JSON::ParserError, EncodingError => e
      return Failure.new('Runtime.UnmarshalError', where_wrong(e, body))
    end
    result = function.call(event, Context.new(headers))
    begin
      generate(result)
    rescue JSON::JSONError, EncodingError, SystemStackError => e
      Failure.new('Runtime.MarshalError', "the result cannot be JSON: #{e.message[0, 200]}")
    end
  rescue SystemExit, SignalException => e
    Kernel.raise e
  rescue Exception => e # rubocop:disable Lint/RescueException
    Failure.of(e)
  end

  def parse(body)
    unless body.valid_encoding?
      at = body.each_char.take_while(&:valid_encoding?).sum(&:bytesize)
      Kernel.raise EncodingError, "not UTF-8 at byte #{at}"
    end

    JSON.parse(body, max_nesting: MAX_NESTING)
  end

  def generate(result)
    JSON.generate(result, max_nesting: MAX_NESTING)
  end

  # Older versions of json quote all of the text from the fault on, and do not say where that is.
  def where_wrong(error, body)
    message = error.message.sub(/\A\d+: /, '')
    rest = message[/ at '(.*)'\z/m, 1]
    from = " from byte #{body.bytesize - rest.bytesize} on" if rest && body.end_with?(rest)
    "the event is not JSON#{from}: #{message[0, 200].scrub}"
  end
end

Forklift.run(*ARGV.shift(2))
